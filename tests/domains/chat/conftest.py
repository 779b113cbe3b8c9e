"""What the tests of conversations share."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from hutong.api import House
from hutong.infra.db import Database
from tests.cast import Person, people

Said = dict[int, list[dict[str, Any]]]


@pytest.fixture
def said(database: Database) -> Said:
    """What single accounts were told, by number. Nothing of it is a change of a chat, which everybody in it sees."""
    heard: Said = {}

    def say(subject: str, payload: bytes) -> None:
        kind, _, number = subject.partition(".")
        if kind == "account":
            heard.setdefault(int(number), []).append(msgspec.json.decode(payload))

    database.say = say
    return heard


@pytest.fixture
async def crowd(app: Litestar, house: House) -> AsyncGenerator[list[Person]]:
    """Twelve more people, signed in."""
    async with contextlib.AsyncExitStack() as stack:
        yield await people(app, house, stack, [f"Person {number}" for number in range(12)])
