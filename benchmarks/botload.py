"""The other end of ``benchmarks.bots``: bots on both sockets, and people who talk. A round for each line."""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

_CONNECTING_AT_ONCE = 50
_QUIET_S = 30


class _Part(msgspec.Struct):
    type: str
    text: str = ""
    data: dict[str, Any] = {}


class _Frame(msgspec.Struct):
    on: str = ""
    event: int = 0
    segments: list[_Part] = []
    message: list[_Part] = []
    post_type: str = ""


_decode = msgspec.json.Decoder(_Frame).decode


class Tally:
    """What the bots have heard in this round: how long each event took, in nanoseconds."""

    def __init__(self) -> None:
        self.took_ns: list[int] = []
        self.wrong: list[str] = []


class Bot(WSListener):
    """A bot on one of the two sockets. On ours events are dense; OneBot has no numbers, so they are counted alone."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.last = 0
        self.welcomed = asyncio.Event()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        now = time.monotonic_ns()
        told = _decode(frame.get_payload_as_bytes())
        if told.on == "message":
            if self.last and told.event != self.last + 1:
                self.tally.wrong.append(f"event {told.event} after {self.last}")
            self.last = told.event
            self.tally.took_ns.append(now - int(told.segments[0].text))
        elif told.post_type == "message":
            self.tally.took_ns.append(now - int(told.message[0].data["text"]))
        elif told.on == "welcome" or told.post_type == "meta_event":
            self.welcomed.set()


class Speaker(WSListener):
    """Somebody who talks; what is refused is counted."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.welcomed = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type != WSMsgType.TEXT:
            return
        told = _decode(frame.get_payload_as_bytes())
        if told.on == "error":
            self.tally.wrong.append(frame.get_payload_as_utf8_text())
        elif told.on == "welcome":
            self.welcomed.set()

    def say(self, chat: int, nth: int) -> None:
        text = str(time.monotonic_ns())
        frame = {"do": "send", "ref": nth, "chat": chat, "key": f"{chat}-{text}"}
        body = frame | {"segments": [{"type": "text", "text": text}]}
        self.transport.send(WSMsgType.TEXT, msgspec.json.encode(body))


async def come_in(port: int, token: str, path: str, listener: Bot | Speaker, room: asyncio.Semaphore) -> None:
    async with room:
        transport, _ = await ws_connect(
            lambda: listener,
            f"ws://127.0.0.1:{port}{path}",
            extra_headers={"Authorization": f"Bearer {token}"},
            use_aiofastnet=False,
        )
        if path == "/socket":
            transport.send(WSMsgType.TEXT, b'{"do":"hello","ref":1,"client":"bot"}')
        await asyncio.wait_for(listener.welcomed.wait(), 60)


async def _load(port: int, seeded: dict[str, Any], rate: int, seconds: int) -> None:
    tally = Tally()
    room = asyncio.Semaphore(_CONNECTING_AT_ONCE)
    began = time.monotonic()
    bots = [Bot(tally) for _ in seeded["bots"]]
    paths = ["/socket" if nth % 2 else seeded["onebot"] for nth in range(len(bots))]
    await asyncio.gather(*[come_in(port, *args, room) for args in zip(seeded["bots"], paths, bots, strict=True)])
    tell(connected=len(bots), seconds=time.monotonic() - began)
    await answer_rounds(port, seeded, tally, rate, seconds)


async def answer_rounds(port: int, seeded: dict[str, Any], tally: Tally, rate: int, seconds: int) -> None:
    """Brings in those who talk, and then talks for ``seconds`` at every line of standard input."""
    room = asyncio.Semaphore(_CONNECTING_AT_ONCE)
    speakers = [Speaker(tally) for _ in seeded["speakers"]]
    await asyncio.gather(
        *[
            come_in(port, one["token"], "/socket", who, room)
            for one, who in zip(seeded["speakers"], speakers, strict=True)
        ]
    )
    turns = [(who, chat) for one, who in zip(seeded["speakers"], speakers, strict=True) for chat in one["chats"]]
    random.Random(7).shuffle(turns)
    while await asyncio.to_thread(sys.stdin.readline):
        tell(**await _round(tally, turns, rate, seconds, seeded["bots_in_a_group"]))


async def _round(
    tally: Tally, turns: list[tuple[Speaker, int]], rate: int, seconds: int, bots_in_a_group: int
) -> dict[str, float]:
    tally.took_ns.clear()
    count = rate * seconds
    began = time.monotonic()
    for nth in range(count):
        ahead_s = began + nth / rate - time.monotonic()
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        who, chat = turns[nth % len(turns)]
        who.say(chat, nth + 2)
    sending_s = time.monotonic() - began
    wanted, quiet_since = count * bots_in_a_group, time.monotonic()
    heard = len(tally.took_ns)
    while len(tally.took_ns) < wanted and time.monotonic() - quiet_since < _QUIET_S:
        await asyncio.sleep(0.02)
        if len(tally.took_ns) != heard:
            heard, quiet_since = len(tally.took_ns), time.monotonic()
    took_s = time.monotonic() - began
    if len(tally.took_ns) != wanted or tally.wrong:
        raise RuntimeError(f"{len(tally.took_ns)} of {wanted} events were heard; {tally.wrong[:3]}")
    cut = statistics.quantiles(tally.took_ns, n=1_000)
    return {
        "seconds": took_s,
        "heard_per_s": wanted / max(took_s, sending_s),
        "p50_ms": cut[499] / 1e6,
        "p99_ms": cut[989] / 1e6,
        "p999_ms": cut[998] / 1e6,
    }


def tell(**fields: object) -> None:
    print(json.dumps(fields), flush=True)


def arguments(*more: str) -> argparse.Namespace:
    """What a program at the other end is started with: ``--tokens`` is what ``people.seed_bots`` has written."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=Path, required=True)
    for name in ("port", *more):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments("rate", "seconds")
    uvloop.run(_load(given.port, json.loads(given.tokens.read_text()), given.rate, given.seconds))
