"""A server that says what a test tells it to, for the SDK alone."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answers: Answers) -> AsyncGenerator[str]:
    """Every request goes to ``answers``. Yields the address."""
    application = web.Application()

    async def answer(request: web.Request) -> web.StreamResponse:
        return await answers(request)

    application.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(application) as server:
        yield str(server.make_url("/"))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr("hutong_sdk.wire.pause_s", lambda: 0.0)
    monkeypatch.setattr("hutong_sdk.feed.pause_s", lambda: 0.0)
