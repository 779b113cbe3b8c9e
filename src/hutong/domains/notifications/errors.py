"""What can go wrong with notices, as sentences."""

from hutong.kit.errors import Invalid

__all__ = ["BadMoment"]


class BadMoment(Invalid):
    code = "notifications.bad_moment"
    text = "This is no moment such as 2026-11-23T05:48:40Z."
