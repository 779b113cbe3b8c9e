"""``python -m benchmarks [NAME…]``: every measure, or those that are named, and the table of all results."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from . import bots, fanout, history, idle, spread, starts
from .results import RESULTS, table, write_table

MEASURES: dict[str, Callable[[], Path]] = {
    "closed": fanout.closed,
    "open": fanout.open_loop,
    "single": fanout.single,
    "idle": idle.idle,
    "spread": spread.spread,
    "history": history.history,
    "starts": starts.starts,
    "bots": bots.bots,
    "hooks": bots.hooks,
    "trips": bots.trips,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MEASURES and name != "table"]
    if unknown:
        print(f"There is no measure {unknown[0]}; there are {', '.join(MEASURES)}, and table.")
        return 2
    for name in names or MEASURES:
        if name in MEASURES:
            print(f"{name} …", flush=True)
            print(table(json.loads(MEASURES[name]().read_text())["rows"]), flush=True)
    kept = [json.loads(path.read_text()) for name in MEASURES if (path := RESULTS / f"{name}.json").exists()]
    if kept:
        write_table([row for result in kept for row in result["rows"]], max(result["at"] for result in kept))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
