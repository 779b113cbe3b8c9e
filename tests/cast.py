"""The people of every test: Alice owns, Bob belongs, Chen is outside, Mo moderates."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from litestar import Litestar

from hutong.api import House
from hutong.domains import identity

PASSWORD = "seven green lanterns"

API = "http://hutong.test/api/v1/"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. ``http`` speaks for them; its paths are under ``/api/v1/``."""

    number: int
    nickname: str
    token: str
    http: httpx.AsyncClient


@dataclass(frozen=True)
class Cast:
    """Everybody has the password ``PASSWORD`` and their name in small letters as handle."""

    alice: Person
    bob: Person
    chen: Person
    mo: Person


async def assemble(app: Litestar, house: House, stack: AsyncExitStack) -> Cast:
    """Makes the cast and signs it in; their connections end with ``stack``."""
    names = ["Alice", "Bob", "Chen", "Mo"]
    return Cast(*await people(app, house, stack, names, handles=["alice", "bob", "chen", "mo"]))


async def people(
    app: Litestar, house: House, stack: AsyncExitStack, names: list[str], *, handles: list[str] | None = None
) -> list[Person]:
    """Makes accounts of these names, signed in; all in one transaction, and one password hash for all."""
    new = [
        identity.NewPerson(nickname=name, handle=handles[index] if handles else None)
        for index, name in enumerate(names)
    ]
    async with house.database.transaction() as session:
        numbers = await identity.bulk_create(session, new, password=PASSWORD, clock=house.clock)
        tokens = await identity.open_sessions(session, numbers, clock=house.clock)
    return [
        Person(number, name, token, await stack.enter_async_context(speaker(app, token)))
        for number, name, token in zip(numbers, names, tokens, strict=True)
    ]


def visitor(
    app: Litestar, *, base_url: str = "http://hutong.test", headers: dict[str, str] | None = None
) -> httpx.AsyncClient:
    """Speaks to the application without a socket between them; keeps cookies as a browser does."""
    application: Any = app  # httpx and Litestar spell the same ASGI types differently.
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=base_url, headers=headers)


def speaker(app: Litestar, token: str) -> httpx.AsyncClient:
    """Speaks to the application under ``/api/v1/`` with a bearer token."""
    return visitor(app, base_url=API, headers={"authorization": f"Bearer {token}"})
