"""Bots: a thousand of them in a thousand groups on one process, half on our own socket and half on OneBot's."""

import sys
import tempfile
from pathlib import Path

from .fleet import Program
from .house import Hutong
from .machine import OTHER_CORE, private_bytes
from .people import seed_bots
from .results import Row, at_most, save

GROUPS, BOTS, BOTS_IN_A_GROUP = 1_000, 1_000, 20
SENT_PER_S, SECONDS, ROUNDS = 500, 6, 5
P99_MS, KB_A_BOT = 200, 100


def bots() -> Path:
    """Every message carries the moment at which it was sent, and each bot counts its events: one that is missing,
    doubled or out of order ends the measure."""
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens = seed_bots(house, GROUPS, BOTS, BOTS_IN_A_GROUP, Path(folder))
        house.pin()
        own, _ = house.processes()
        before = sum(private_bytes(pid) for pid in own)
        arguments = ["--port", str(house.port), "--tokens", str(tokens), "--rate", str(SENT_PER_S)]
        command = [sys.executable, "-m", "benchmarks.botload", *arguments, "--seconds", str(SECONDS)]
        with Program(command, core=OTHER_CORE) as load:
            connected = load.answer(timeout_s=600)
            after = sum(private_bytes(pid) for pid in own)
            rounds = []
            for _ in range(ROUNDS):
                cpu = house.cpu_seconds()
                told = load.round()
                spent = [now - then for now, then in zip(house.cpu_seconds(), cpu, strict=True)]
                rounds.append(told | {"server_cpu_s": spent[0], "engines_cpu_s": spent[1]})
    return save("bots", _rows(rounds[1:], (after - before) / BOTS / 1024, connected))


def _rows(rounds: list[dict[str, float]], kb: float, connected: dict[str, float]) -> list[Row]:
    middle = sorted(rounds, key=lambda one: one["p99_ms"])[len(rounds) // 2]
    met = at_most(middle["p99_ms"], P99_MS) == "met" and at_most(kb, KB_A_BOT) == "met"
    share = middle["server_cpu_s"] / middle["seconds"]
    return [
        {
            "measure": f"{BOTS:,} bots in {GROUPS:,} groups of {BOTS_IN_A_GROUP} bots, half on OneBot, "
            f"{SENT_PER_S} messages/s in: p99 to bot, memory a bot",
            "wanted": f"{P99_MS} ms, {KB_A_BOT} KB",
            "here": f"{middle['p99_ms']:.0f} ms (p50 {middle['p50_ms']:.0f} ms), {kb:.0f} KB; "
            f"{middle['heard_per_s']:,.0f} bot events/s, none lost; server {share:.0%} of its core",
            "verdict": "met" if met else "missed",
            "rounds": rounds,
            "connected": connected,
        }
    ]
