"""When what could not be delivered is tried again, and when it is given up."""

from datetime import datetime, timedelta

__all__ = ["is_given_up", "next_try"]

_FIRST_WAIT_S = 1
_DOUBLINGS_MAX = 16


def next_try(tries: int, now: datetime, wait_max_s: int) -> datetime:
    """The moment of the next try after so many in vain: after 1, 2, 4, 8 … seconds, up to a longest wait."""
    wait_s = _FIRST_WAIT_S * 2 ** min(max(0, tries - 1), _DOUBLINGS_MAX)
    return now + timedelta(seconds=min(wait_s, wait_max_s))


def is_given_up(first_tried_at: datetime, now: datetime, tried_for_s: int) -> bool:
    """Whether it was tried for as long as it is."""
    return now - first_tried_at >= timedelta(seconds=tried_for_s)
