"""How long ``hutong serve`` takes to be ready: on a new data folder, and on one that it knows."""

import shutil
from pathlib import Path

from .house import Hutong
from .results import at_most, median, save

ROUNDS = 3


def starts() -> Path:
    rounds = []
    for _ in range(ROUNDS):
        with Hutong() as cold:
            cold_stop_s = cold.stop()
            with Hutong(data=cold.data) as second:
                second_stop_s = second.stop()
        shutil.rmtree(cold.data, ignore_errors=True)
        rounds.append({
            "cold_s": cold.ready_s, "second_s": second.ready_s, "stop_s": max(cold_stop_s, second_stop_s),
        })  # fmt: skip
    rows = [
        {"measure": f"`hutong serve` to ready, {name}", "wanted": f"{allowed} s", "here": f"{got:.1f} s",
         "verdict": at_most(got, allowed), "rounds": rounds}
        for name, allowed, got in (
            ("new data folder", 15, median(rounds, "cold_s")),
            ("second start", 5, median(rounds, "second_s")),
            ("SIGTERM to the end", 5, median(rounds, "stop_s")),
        )
    ]  # fmt: skip
    return save("starts", rows)
