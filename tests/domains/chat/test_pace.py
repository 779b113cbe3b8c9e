"""How fast one account may talk: so many messages in ten seconds, each for itself."""

import pytest

from hutong.domains.chat.pace import Pace
from hutong.kit.errors import TooMany


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_beyond_so_many_in_ten_seconds_an_account_waits_and_others_do_not() -> None:
    seconds = Seconds()
    pace = Pace(3, now=seconds)
    for _ in range(3):
        pace.spend(10_001)
    seconds.now += 4.0

    for _ in range(2):
        with pytest.raises(TooMany) as refused:
            pace.spend(10_001)
        assert refused.value.params == {"retry_after_s": 6}
    pace.spend(10_002)

    seconds.now += 5.9
    with pytest.raises(TooMany) as refused:
        pace.spend(10_001)
    assert refused.value.params == {"retry_after_s": 1}
    seconds.now += 0.1
    for _ in range(3):
        pace.spend(10_001)


def test_a_steady_pace_is_never_refused() -> None:
    seconds = Seconds()
    pace = Pace(20_000, now=seconds)
    for _ in range(60_000):
        seconds.now += 0.001
        pace.spend(10_001)
