"""Engines that somebody else has started: they are waited for, because a fleet starts in any order."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from .errors import CannotStart
from .nats import Nats
from .postgres import Postgres
from .process import Say, every_few_seconds

__all__ = ["nats_answers", "postgres_answers", "those_that_answer"]

ANSWERS_WITHIN_S = 10
NATS_PORT = 4222


def those_that_answer(database_url: str, nats_url: str, say: Say) -> list[Coroutine[Any, Any, tuple[str, str]]]:
    """For each address that is not empty, the wait for its engine, which gives the engine's name and address."""
    steps = []
    if database_url:
        steps.append(_postgres_that_answers(database_url, say))
    if nats_url:
        steps.append(_nats_that_answers(nats_url, say))
    return steps


async def postgres_answers(url: str) -> None:
    """Raises ``OSError`` or ``TimeoutError`` where nobody answers yet, ``CannotStart`` where waiting would not help."""
    try:
        connection = await asyncpg.connect(url, timeout=ANSWERS_WITHIN_S)
    except asyncpg.CannotConnectNowError as error:
        raise ConnectionRefusedError(str(error)) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise CannotStart(reason=f"The database does not let hutong in: {error}.") from error
    await connection.close()


async def nats_answers(url: str) -> None:
    """Raises ``OSError`` or ``TimeoutError`` where nobody listens yet."""
    parts = urlsplit(url.split(",", maxsplit=1)[0])
    async with asyncio.timeout(ANSWERS_WITHIN_S):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or NATS_PORT)
    writer.close()


async def _postgres_that_answers(url: str, say: Say) -> tuple[str, str]:
    progress = every_few_seconds(say, "Waiting for the database to answer")
    while True:
        try:
            await postgres_answers(url)
        except (OSError, TimeoutError):
            await asyncio.sleep(progress.pause_s)
            progress.tick()
        else:
            return Postgres.name, url


async def _nats_that_answers(url: str, say: Say) -> tuple[str, str]:
    progress = every_few_seconds(say, "Waiting for NATS to answer")
    while True:
        try:
            await nats_answers(url)
        except (OSError, TimeoutError):
            await asyncio.sleep(progress.pause_s)
            progress.tick()
        else:
            return Nats.name, url
