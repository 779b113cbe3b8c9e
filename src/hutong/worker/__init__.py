"""What happens behind the scenes: the outbox relay, fact subscribers and schedules."""

from .background import Worker

__all__ = ["Worker"]
