"""CPU for a delivery when a group's members are spread over two gateway processes, against one."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import psutil

from .fleet import Clients
from .house import Hutong
from .people import seed_groups
from .results import at_most, median, save
from .rounds import ROUNDS, Round, server_round

GROUPS, MEMBERS, SECONDS, RATE = 40, 50, 4, 60_000
ALLOWED = 1.2


def spread() -> Path:
    """Both servers run side by side and are driven in turn at the same rate, which one core can carry."""
    rounds: dict[int, list[Round]] = {1: [], 2: []}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        driven: dict[int, tuple[Hutong, Clients]] = {}
        for workers in rounds:
            house = stack.enter_context(Hutong(workers=workers))
            tokens = seed_groups(house, GROUPS, MEMBERS, folder / str(workers))
            house.pin()
            clients = Clients("open", house.port, tokens, seconds=SECONDS, rate=RATE)
            driven[workers] = house, stack.enter_context(clients)
        shares = {workers: connections_of(house) for workers, (house, _) in driven.items()}
        for house, clients in driven.values():
            server_round(house, clients)
        for _ in range(ROUNDS):
            for workers, (house, clients) in driven.items():
                rounds[workers].append(server_round(house, clients))
    one, two = (median(rounds[workers], "cpu_us_per_delivery") for workers in (1, 2))
    row = {
        "measure": f"CPU for a delivery, members over two gateway processes against one ({RATE:,} deliveries/s)",
        "wanted": f"{ALLOWED} ×",
        "here": f"{two / one:.2f} ×: {two:.2f} µs against {one:.2f} µs; connections {shares[2]}",
        "verdict": at_most(two / one, ALLOWED),
        "ratio": two / one,
        "rounds": rounds,
    }
    return save("spread", [row])


def connections_of(house: Hutong) -> list[int]:
    """How many connections each process of the server holds on its port."""
    own, _ = house.processes()
    counts = [
        sum(
            c.laddr.port == house.port and c.status == "ESTABLISHED" for c in psutil.Process(pid).net_connections("tcp")
        )
        for pid in own
    ]
    return [count for count in counts if count]
