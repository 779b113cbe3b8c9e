"""How fast one account may talk, counted in the process that takes its messages.

Counted for all processes, as other rates are, every message would wait for the database. A process counts for itself
what it takes by the socket and by HTTP, in windows that are the same for everybody, so that all counts are forgotten at
once.
"""

import time
from collections.abc import Callable

from hutong.kit.errors import TooMany

__all__ = ["Pace"]

_WINDOW_S = 10.0


class Pace:
    """``messages_max`` in ten seconds from each account. ``now`` is a clock that only goes forward, in seconds."""

    __slots__ = ("_counts", "_ends_at", "_messages_max", "_now")

    def __init__(self, messages_max: int, *, now: Callable[[], float] = time.monotonic) -> None:
        self._messages_max = messages_max
        self._now = now
        self._ends_at = 0.0
        self._counts: dict[int, int] = {}

    def spend(self, number: int) -> None:
        """Counts a message of the account. Raises ``TooMany``."""
        now = self._now()
        if now >= self._ends_at:
            self._ends_at = now + _WINDOW_S
            self._counts.clear()
        count = self._counts.get(number, 0)
        if count >= self._messages_max:
            raise TooMany(retry_after_s=max(1, round(self._ends_at - now)))
        self._counts[number] = count + 1
