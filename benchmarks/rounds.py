"""One measured round of the server, and five of them taken in turn with the bare loop of ``send()``."""

import time
from pathlib import Path
from typing import Any

from .fleet import Clients, Yardstick
from .house import Hutong
from .machine import busy_seconds, cpu_seconds
from .results import median

Round = dict[str, Any]
ROUNDS = 5


def server_round(house: Hutong, clients: Clients) -> Round:
    """What the clients saw, with the server's own count of frames and writes and everybody's CPU; ``strangers`` are all
    other processes of the machine, in cores.

    Raises ``RuntimeError`` where a delivery is missing, doubled or out of order: such a figure would say nothing.
    """
    counted, (own, engines) = house.metrics(), house.cpu_seconds()
    clients_cpu, busy, began = cpu_seconds([clients.process.pid]), busy_seconds(), time.monotonic()
    answer: Round = clients.round()
    took, busy = time.monotonic() - began, busy_seconds() - busy
    (own_after, engines_after), counted_after = house.cpu_seconds(), house.metrics()
    ours = own_after - own + engines_after - engines + cpu_seconds([clients.process.pid]) - clients_cpu
    faults = {
        name: answer[name] for name in ("missing", "errors", "members_with_holes", "disorder", "lost") if answer[name]
    }
    if faults:
        raise RuntimeError(f"The round is not whole: {faults}.")
    frames, writes = (
        counted_after.get(name, 0) - counted.get(name, 0)
        for name in ("hutong_gateway_frames_total", "hutong_gateway_writes_total")
    )
    return answer | {
        "frames_per_write": round(frames / writes, 2) if writes else 0,
        "server_cpu_s": round(own_after - own, 3),
        "server_cpu_share": round((own_after - own) / answer["seconds"], 3),
        "engines_cpu_s": round(engines_after - engines, 3),
        "strangers_cpu_share": round((busy - ours) / took, 3),
        "cpu_us_per_delivery": round((own_after - own) / answer["deliveries"] * 1e6, 3),
    }


def in_turn(
    house: Hutong, clients: Clients, yardstick: Yardstick, rounds: int = ROUNDS
) -> tuple[list[Round], list[Round]]:
    """Rounds of the server and of the bare loop, one after the other, so that a noisy minute touches both."""
    server: list[Round] = []
    loop: list[Round] = []
    for _ in range(rounds):
        server.append(server_round(house, clients))
        loop.append(yardstick.round())
    return server, loop


def ratio_of(server: list[Round], loop: list[Round]) -> float:
    """Median rate of the server by median rate of the loop."""
    return median(server, "deliveries_per_s") / median(loop, "deliveries_per_s")


def warm_up(house: Hutong, clients: Clients, frame: Path) -> Round:
    """A round that is not counted; it leaves a frame as the server sends it in ``frame``."""
    answer = server_round(house, clients)
    if not frame.exists():
        raise RuntimeError("No message came, so there is no frame to send in the bare loop.")
    return answer
