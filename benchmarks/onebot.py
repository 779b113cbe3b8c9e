"""Bots of OneBot v11 on forward WebSocket, against a hutong that runs already: what a bot costs in memory, what a frame
costs in processor time, how late frames come, and how long an action takes beside the same by our own HTTP.

``python -m benchmarks.onebot --port 8420 --pid 4711 --bots 500 --seconds 20 --rate 280``, ``pid`` being the process
that serves. Prints one JSON object. It makes an account, apps, bots and groups there, so it wants a hutong of its own.
"""

import argparse
import asyncio
import json
import statistics
import time
from typing import Any

import httpx
import psutil
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

BOTS_PER_GROUP = 18
BOTS_PER_APP = 100
ROUND_TRIPS = 400
SETTLES_WITHIN_S = 30


class Bot(WSListener):
    """Notes when each message was heard, by its text."""

    def __init__(self, late_ms: list[float]) -> None:
        self.late_ms = late_ms
        self.heard = 0
        self.transport: WSTransport
        self.answered = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if b'"retcode"' in payload:
            self.answered.set()
        elif (at := payload.find(b"sent-at ")) > 0:
            self.heard += 1
            self.late_ms.append((time.time() - float(payload[at + 8 : at + 25])) * 1000)


async def settle(http: httpx.AsyncClient, bots: int) -> tuple[list[int], list[str]]:
    """Groups with bots in them, and the tokens of the bots."""
    account = (await http.post("accounts", json={"nickname": "Load", "password": "seven green lanterns"})).json()
    login = {"login": str(account["number"]), "password": "seven green lanterns"}
    http.headers["authorization"] = f"Bearer {(await http.post('sessions', json=login)).json()['token']}"
    groups: list[int] = []
    tokens: list[str] = []
    for index in range(bots):
        if index % BOTS_PER_APP == 0:
            app = (await http.post("apps", json={"name": f"Load {index}"})).raise_for_status().json()["app"]
        if index % BOTS_PER_GROUP == 0:
            groups.append((await http.post("groups", json={"name": f"Load {index}"})).raise_for_status().json()["chat"])
        made = (await http.post(f"apps/{app}/bots", json={"nickname": f"Bot {index}"})).raise_for_status().json()
        tokens.append((await http.post(f"apps/{app}/bots/{made['number']}/tokens", json={})).json()["token"])
        grant = {"scopes": ["read_all", "send"]}
        (await http.put(f"groups/{groups[-1]}/bots/{made['number']}", json=grant)).raise_for_status()
    return groups, tokens


async def talk(http: httpx.AsyncClient, groups: list[int], *, rate: int, seconds: int) -> int:
    """Says ``rate`` messages in a second, whatever becomes of them meanwhile; returns how many that were."""
    began_at = time.monotonic()
    saying: set[asyncio.Task[Any]] = set()
    for index in range(rate * seconds):
        await asyncio.sleep(max(0.0, began_at + index / rate - time.monotonic()))
        segments = [{"type": "text", "text": f"sent-at {time.time():.6f} {index}"}]
        body = {"key": f"load-{index}", "segments": segments}
        saying.add(asyncio.create_task(http.post(f"chats/{groups[index % len(groups)]}/messages", json=body)))
    for answer in await asyncio.gather(*saying):
        answer.raise_for_status()
    return len(saying)


async def round_trips(http: httpx.AsyncClient, bot: Bot, token: str, group: int) -> dict[str, float]:
    """The same message by OneBot and by our own HTTP, in turns."""
    onebot_ms: list[float] = []
    own_ms: list[float] = []
    own = httpx.AsyncClient(base_url=http.base_url, headers={"authorization": f"Bearer {token}"}, timeout=60)
    async with own:
        for index in range(ROUND_TRIPS):
            began_at = time.perf_counter()
            bot.answered.clear()
            params = {"group_id": group, "message": "A round."}
            asked = json.dumps({"action": "send_group_msg", "params": params, "echo": str(index)})
            bot.transport.send(WSMsgType.TEXT, asked.encode())
            await bot.answered.wait()
            onebot_ms.append((time.perf_counter() - began_at) * 1000)
            began_at = time.perf_counter()
            body = {"key": f"round-{index}", "segments": [{"type": "text", "text": "A round."}]}
            (await own.post(f"chats/{group}/messages", json=body)).raise_for_status()
            own_ms.append((time.perf_counter() - began_at) * 1000)
    return {"onebot_p50_ms": statistics.median(onebot_ms), "own_http_p50_ms": statistics.median(own_ms)}


async def measure(port: int, pid: int, bots: int, rate: int, seconds: int) -> dict[str, Any]:
    server = psutil.Process(pid)
    late_ms: list[float] = []
    limits = httpx.Limits(max_connections=50)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1/", timeout=60, limits=limits) as http:
        groups, tokens = await settle(http, bots)
        before_bytes = server.memory_info().rss
        connected: list[Bot] = []
        for token in tokens:
            url = f"ws://127.0.0.1:{port}/bridges/onebot11/event?access_token={token}"
            if len(connected) == 0:
                url = url.replace("/event", "/")
            _, bot = await ws_connect(lambda: Bot(late_ms), url, use_aiofastnet=False)
            assert isinstance(bot, Bot)
            connected.append(bot)
        per_bot_bytes = (server.memory_info().rss - before_bytes) / bots
        trips = await round_trips(http, connected[0], tokens[0], groups[0])
        late_ms.clear()
        for bot in connected:
            bot.heard = 0
        busy_s, began_at = sum(server.cpu_times()[:2]), time.monotonic()
        said = await talk(http, groups, rate=rate, seconds=seconds)
        took_s = time.monotonic() - began_at
        due = sum(
            min(BOTS_PER_GROUP, bots - place * BOTS_PER_GROUP) for place in (n % len(groups) for n in range(said))
        )
        ends_at = time.monotonic() + SETTLES_WITHIN_S
        # Five hundred bots count each for itself: looking now and then is cheaper than telling each time.
        while sum(bot.heard for bot in connected) < due and time.monotonic() < ends_at:  # noqa: ASYNC110  # See above.
            await asyncio.sleep(0.05)
        late = sorted(late_ms)
        return {
            "bots": bots,
            "messages_per_s": round(said / took_s),
            "frames_per_s": round(due / took_s),
            "frames_lost": due - sum(bot.heard for bot in connected),
            "late_p50_ms": round(late[len(late) // 2], 1),
            "late_p99_ms": round(late[len(late) * 99 // 100], 1),
            "processor": round((sum(server.cpu_times()[:2]) - busy_s) / took_s, 2),
            "kib_per_bot": round(per_bot_bytes / 1024, 1),
        } | {name: round(value, 2) for name, value in trips.items()}


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    for name, default in (("port", 8420), ("pid", 0), ("bots", 500), ("rate", 280), ("seconds", 20)):
        words.add_argument(f"--{name}", type=int, default=default)
    print(json.dumps(asyncio.run(measure(**vars(words.parse_args())))))
