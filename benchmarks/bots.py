"""Programs of others: a thousand bots on one process, webhooks, and what an action of a bridge costs."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .fleet import Answer, Program
from .house import Hutong, free_port
from .machine import OTHER_CORE, private_bytes
from .people import seed_bots, seed_webhooks
from .results import Row, at_least, at_most, median, save

GROUPS, BOTS, BOTS_IN_A_GROUP = 1_000, 1_000, 20
SENT_PER_S, SECONDS, ROUNDS = 500, 6, 5
P99_MS, KB_A_BOT = 200, 100
HOOKED_GROUPS, HOOKED_BOTS, HOOKED_SENT_PER_S, DELIVERIES_PER_S = 100, 500, 30, 500
TRIP_RATIO = 2


def bots() -> Path:
    """Half of them are on our own socket and half on OneBot's. Every message carries the moment at which it was sent,
    and each bot counts its events: one that is missing, doubled or out of order ends the measure."""
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens = seed_bots(house, GROUPS, BOTS, BOTS_IN_A_GROUP, Path(folder))
        house.pin()
        own, _ = house.processes()
        before = sum(private_bytes(pid) for pid in own)
        with _load("botload", house, tokens, rate=SENT_PER_S, seconds=SECONDS) as load:
            connected = load.answer(timeout_s=600)
            after = sum(private_bytes(pid) for pid in own)
            rounds = _rounds(house, load)
    kb, middle = (after - before) / BOTS / 1024, _middle(rounds)
    met = at_most(middle["p99_ms"], P99_MS) == "met" and at_most(kb, KB_A_BOT) == "met"
    row: Row = {
        "measure": f"{BOTS:,} bots in {GROUPS:,} groups of {BOTS_IN_A_GROUP} bots, half on OneBot, "
        f"{SENT_PER_S} messages/s in: p99 to bot, memory a bot",
        "wanted": f"{P99_MS} ms, {KB_A_BOT} KB",
        "here": f"{_told(middle)}, {kb:.0f} KB; {middle['heard_per_s']:,.0f} bot events/s, none lost; {_busy(middle)}",
        "verdict": "met" if met else "missed",
        "rounds": rounds,
        "connected": connected,
    }
    return save("bots", [row])


def hooks() -> Path:
    """Each event is an HTTP POST of its own, signed, to the bot's webhook, and noted in its log of deliveries."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Hutong(HUTONG_PRIVATE_ADDRESSES_ALLOWED="true") as house:
        tokens = seed_bots(house, HOOKED_GROUPS, HOOKED_BOTS, BOTS_IN_A_GROUP, Path(folder))
        seed_webhooks(house, f"http://127.0.0.1:{port}/")
        house.pin()
        with _load("hookload", house, tokens, hooks=port, rate=HOOKED_SENT_PER_S, seconds=SECONDS) as load:
            load.answer()
            rounds = _rounds(house, load)
    middle = _middle(rounds)
    row: Row = {
        "measure": f"webhooks of {HOOKED_BOTS} bots, {HOOKED_SENT_PER_S * BOTS_IN_A_GROUP} deliveries/s due",
        "wanted": f"{DELIVERIES_PER_S}/s",
        "here": f"{middle['heard_per_s']:.0f}/s, {_told(middle)} after the message, none lost; {_busy(middle)}",
        "verdict": at_least(middle["heard_per_s"], DELIVERIES_PER_S),
        "rounds": rounds,
    }
    return save("hooks", [row])


def trips() -> Path:
    """The same message, said in turns by OneBot and by our own HTTP; each is answered when the message is stored."""
    with tempfile.TemporaryDirectory() as folder, Hutong() as house:
        tokens = seed_bots(house, 1, BOTS_IN_A_GROUP, BOTS_IN_A_GROUP, Path(folder))
        house.pin()
        with _load("tripload", house, tokens) as load:
            load.answer()
            rounds = _rounds(house, load)
    own, socket = median(rounds, "own_http_p50_ms"), median(rounds, "onebot_socket_p50_ms")
    row: Row = {
        "measure": "OneBot action, round trip, p50 against the same by our own HTTP",
        "wanted": f"{TRIP_RATIO} ×",
        "here": f"{socket / own:.2f} × by its socket, {median(rounds, 'onebot_http_p50_ms') / own:.2f} × by its HTTP "
        f"({socket:.1f} ms against {own:.1f} ms)",
        "verdict": at_most(socket / own, TRIP_RATIO),
        "rounds": rounds,
    }
    return save("trips", [row])


def _load(name: str, house: Hutong, tokens: Path, **options: int) -> Program:
    words = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    command = [sys.executable, "-m", f"benchmarks.{name}", "--port", str(house.port), "--tokens", str(tokens), *words]
    return Program(command, core=OTHER_CORE)


def _rounds(house: Hutong, load: Program) -> list[Answer]:
    """The first one warms up."""
    rounds = []
    for _ in range(ROUNDS):
        cpu = house.cpu_seconds()
        told = load.round()
        spent = [now - then for now, then in zip(house.cpu_seconds(), cpu, strict=True)]
        rounds.append(told | {"server_cpu_s": spent[0], "engines_cpu_s": spent[1]})
    return rounds[1:]


def _middle(rounds: list[Answer]) -> Answer:
    return sorted(rounds, key=lambda one: float(one["p99_ms"]))[len(rounds) // 2]


def _told(one: Mapping[str, float]) -> str:
    return f"{one['p99_ms']:.0f} ms (p50 {one['p50_ms']:.0f} ms)"


def _busy(one: Mapping[str, float]) -> str:
    return f"server {one['server_cpu_s'] / one['seconds']:.0%} of its core"
