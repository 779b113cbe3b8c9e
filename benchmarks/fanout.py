"""The whole path under load: send, store, acknowledge, deliver; beside the bare loop of ``send()`` in the same run."""

import tempfile
from pathlib import Path

from .fleet import Clients, Yardstick
from .house import Hutong
from .people import seed_groups
from .results import Row, at_least, at_most, median, save
from .rounds import Round, in_turn, ratio_of, warm_up

SHAPES = ((40, 50), (4, 500), (1, 2000))
SECONDS = 4
IN_FLIGHT = 8
OPEN_RATE = 100_000
RATIO_WANTED = {50: 1.0, 500: 0.8, 2000: 0.8}
LATENCY_WANTED_MS = {50: (1, 10), 500: (5, 15), 2000: (10, 30)}


def closed() -> Path:
    """At most eight sends outstanding in each group, as fast as the server takes them."""
    return save(
        "closed", [_closed_row(groups, members, IN_FLIGHT, RATIO_WANTED[members]) for groups, members in SHAPES]
    )


def single() -> Path:
    """Fan-out without coalescing: one send outstanding in a group, so that nothing is due together for a member.

    The server's own count of frames and writes shows whether that held; sixteen groups keep the writer busy meanwhile.
    """
    return save("single", [_closed_row(16, 500, 1, 0.6)])


def open_loop() -> Path:
    """Sends on a timetable that makes 100,000 deliveries a second, late or not; latency from the timetable's time."""
    return save("open", [_open_row(groups, members) for groups, members in SHAPES])


def _closed_row(groups: int, members: int, in_flight: int, wanted: float) -> Row:
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens, frame = seed_groups(house, groups, members, Path(folder)), Path(folder, "frame")
        house.pin()
        clients = Clients("closed", house.port, tokens, seconds=SECONDS, in_flight=in_flight, sample=frame)
        with clients:
            warm_up(house, clients, frame)
            with Yardstick(frame, groups * members, groups, SECONDS) as yardstick:
                server, loop = in_turn(house, clients, yardstick)
    ratio = ratio_of(server, loop)
    here = (
        f"{ratio:.2f} R: {median(server, 'deliveries_per_s'):,.0f} deliveries/s "
        f"of {median(server, 'acks') / SECONDS:,.0f} sends/s; R {median(loop, 'deliveries_per_s'):,.0f}/s; "
        f"{_circumstances(server)}"
    )
    return {
        "measure": f"{groups} groups of {members}, {in_flight} outstanding in each",
        "wanted": f"{wanted} R",
        "here": here,
        "verdict": at_least(ratio, wanted),
        "ratio": ratio,
        "server": server,
        "loop": loop,
    }


def _open_row(groups: int, members: int) -> Row:
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens, frame = seed_groups(house, groups, members, Path(folder)), Path(folder, "frame")
        house.pin()
        clients = Clients("open", house.port, tokens, seconds=SECONDS, rate=OPEN_RATE, sample=frame)
        with clients:
            warm_up(house, clients, frame)
            with Yardstick(frame, groups * members, groups, SECONDS, rate=OPEN_RATE) as yardstick:
                server, loop = in_turn(house, clients, yardstick)
    p50, p99 = median(server, "p50_ms"), median(server, "p99_ms")
    loop_p50, loop_p99 = median(loop, "p50_ms"), median(loop, "p99_ms")
    p50_wanted, p99_wanted = LATENCY_WANTED_MS[members]
    met = at_most(p50, p50_wanted) == "met" and at_most(p99, max(p99_wanted, 3 * loop_p99)) == "met"
    return {
        "measure": f"open loop, {OPEN_RATE:,} deliveries/s in {groups} groups of {members}: p50, p99",
        "wanted": f"{p50_wanted} ms, {p99_wanted} ms (or 3 × the loop's p99)",
        "here": f"{p50:.2f} ms, {p99:.2f} ms; the loop {loop_p50:.2f} ms, {loop_p99:.2f} ms; {_circumstances(server)}",
        "verdict": "met" if met else "missed",
        "server": server,
        "loop": loop,
    }


def _circumstances(server: list[Round]) -> str:
    """What a reader needs to trust the figure: how much went out together, and who was the limit."""
    return (
        f"{median(server, 'frames_per_write'):.1f} frames a write; "
        f"server {median(server, 'server_cpu_share'):.0%} of its core, "
        f"clients {median(server, 'cpu_share'):.0%} of theirs, "
        f"strangers {median(server, 'strangers_cpu_share'):.1f} cores"
    )
