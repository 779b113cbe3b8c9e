"""Time is given, never taken from the air: everything that needs the time gets a ``Clock``."""

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "iso_utc", "system_clock"]

Clock = Callable[[], datetime]
"""Returns the present moment as an aware datetime in UTC."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def iso_utc(moment: datetime) -> str:
    """The moment as it travels in frames and answers: UTC with milliseconds, ``2026-11-23T05:48:40.123Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
