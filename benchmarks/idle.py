"""Memory of the gateway for an idle signed-in connection, beside a bare picows connection on the same hand-over."""

import sys
import tempfile
import time
from pathlib import Path

from .fleet import Clients, Program
from .house import Hutong
from .machine import SERVER_CORE, private_bytes
from .people import seed_idle
from .results import Row, at_most, save

CONNECTIONS = 18_000
GROUPS_EACH = 10
FIRST = 2_000
SETTLE_S = 5
ALLOWED_KB, ALLOWED_ABOVE_KB = 14, 4


def idle() -> Path:
    """Both in one run, one after the other. Counted from the 2,001st connection on, so that neither the growth of the
    first ones nor memory that was free since the start comes into it."""
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens = seed_idle(house, CONNECTIONS, GROUPS_EACH, Path(folder))
        house.pin()
        own, _ = house.processes()
        signed_in = _memory_of(own, house.port, tokens, Path(folder))
        house.stop()
        with Program([sys.executable, "-m", "benchmarks.bare"], core=SERVER_CORE) as bare:
            bare_kb = _memory_of([bare.process.pid], bare.answer()["listening"], tokens, Path(folder))
    return save("idle", _rows(signed_in, bare_kb))


def _memory_of(pids: list[int], port: int, tokens: Path, folder: Path) -> dict[str, float]:
    """KB a connection, and the seconds that it took to connect them all."""
    lines = tokens.read_text().splitlines(keepends=True)
    first, others = folder / "first", folder / "others"
    first.write_text("".join(lines[:FIRST]))
    others.write_text("".join(lines[FIRST:]))
    with Clients("idle", port, first) as early:
        time.sleep(SETTLE_S)
        before = sum(private_bytes(pid) for pid in pids)
        with Clients("idle", port, others) as clients:
            time.sleep(SETTLE_S)
            after = sum(private_bytes(pid) for pid in pids)
        lost = early.connected["lost"] + clients.connected["lost"]
        if lost:
            raise RuntimeError(f"{lost} connections were lost.")
    return {
        "kb": (after - before) / (CONNECTIONS - FIRST) / 1024,
        "unshared_mb": after / 2**20,
        "connecting_s": clients.connected["seconds"],
    }


def _rows(signed_in: dict[str, float], bare: dict[str, float]) -> list[Row]:
    above = signed_in["kb"] - bare["kb"]
    met = at_most(signed_in["kb"], ALLOWED_KB) == "met" and at_most(above, ALLOWED_ABOVE_KB) == "met"
    return [
        {
            "measure": f"memory for an idle connection in {GROUPS_EACH} groups, {CONNECTIONS:,} connections",
            "wanted": f"{ALLOWED_KB} KB, and {ALLOWED_ABOVE_KB} KB above a bare one",
            "here": f"{signed_in['kb']:.1f} KB; {above:.1f} KB above a bare picows connection ({bare['kb']:.1f} KB)",
            "verdict": "met" if met else "missed",
            "signed_in": signed_in,
            "bare": bare,
        }
    ]
