"""Opening a conversation of a million messages: its newest page, and a page in its middle."""

import http.client
import os
import time
from pathlib import Path
from typing import Any

from .house import Hutong
from .machine import OTHER_CORE, pin
from .people import seed_history
from .results import at_most, save

MESSAGES = 1_000_000
REQUESTS = 500
ALLOWED_MS = 20


def history() -> Path:
    """Timed at a client on one kept connection, so that it is a little more than the server's own time."""
    with Hutong() as house:
        token, chat = seed_history(house, MESSAGES)
        house.pin()
        pin(os.getpid(), OTHER_CORE)
        rows = [
            _row(house, token, name, [f"/api/v1/chats/{chat}/messages?limit=50{bound}" for bound in bounds])
            for name, bounds in (
                ("newest page", [""] * REQUESTS),
                (
                    "a page in the middle",
                    [f"&before={MESSAGES // 4 + n * MESSAGES // 2 // REQUESTS}" for n in range(REQUESTS)],
                ),
            )
        ]
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return save("history", rows)


def _row(house: Hutong, token: str, name: str, paths: list[str]) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port)
    times_ms = []
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        body = answer.read()
        times_ms.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or body.count(b'"seq"') < 50:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:200]!r}")
    times_ms.sort()
    p50, p99 = times_ms[len(times_ms) // 2], times_ms[int(len(times_ms) * 0.99)]
    return {
        "measure": f"{name} of {MESSAGES:,} messages, p99",
        "wanted": f"{ALLOWED_MS} ms",
        "here": f"{p99:.1f} ms (p50 {p50:.1f} ms)",
        "verdict": at_most(p99, ALLOWED_MS),
        "p50_ms": p50,
        "p99_ms": p99,
        "requests": len(paths),
    }
