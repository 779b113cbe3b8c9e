"""What the people of the cast do in a conversation, in one line each."""

import uuid
from typing import Any

import httpx
from sqlalchemy import text

from hutong.infra.db import Database
from tests.cast import Cast, Person


async def group_of(cast: Cast, database: Database, **fields: Any) -> int:
    """A group that Alice owns, where Mo is an admin and Bob belongs. Returns its number."""
    made = await cast.alice.http.post("groups", json={"name": "Readers", **fields})
    chat = int(made.json()["chat"])
    for person in (cast.bob, cast.mo):
        assert (await person.http.put(f"groups/{chat}/members/me", json={})).status_code == 200
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE chat_member SET role = 'admin' WHERE chat_id = :chat AND account_number = :number"),
            {"chat": chat, "number": cast.mo.number},
        )
    return chat


async def direct(person: Person, other: Person) -> int:
    """The conversation of the two, opened by the first."""
    answer = await person.http.post("directs", json={"number": other.number})
    assert answer.status_code in (200, 201), answer.text
    return int(answer.json()["chat"])


async def say(person: Person, chat: int, *segments: dict[str, Any] | str, key: str | None = None) -> int:
    """Says it and returns its seq; a plain string is a text."""
    answer = await try_to_say(person, chat, *segments, key=key)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["seq"])


async def try_to_say(
    person: Person, chat: int, *segments: dict[str, Any] | str, key: str | None = None
) -> httpx.Response:
    body = [{"type": "text", "text": part} if isinstance(part, str) else part for part in segments]
    return await person.http.post(f"chats/{chat}/messages", json={"key": key or str(uuid.uuid4()), "segments": body})


async def message(person: Person, chat: int, seq: int) -> dict[str, Any]:
    """A message as the person sees it."""
    answer = await person.http.get(f"chats/{chat}/messages/{seq}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def changes(person: Person, chat: int, on: str) -> list[dict[str, Any]]:
    """The changes of one kind, without what every change has."""
    answer = (await person.http.get(f"chats/{chat}/changes", params={"limit": 100})).json()
    common = {"on", "chat", "rev", "at"}
    return [{k: v for k, v in frame.items() if k not in common} for frame in answer["changes"] if frame["on"] == on]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of a refusal."""
    return answer.status_code, answer.json()["code"]


async def facts(database: Database, name: str) -> list[dict[str, Any]]:
    """What was announced under one name, in order."""
    async with database.transaction() as session:
        rows = await session.scalars(
            text("SELECT payload FROM infra_outbox WHERE topic = :topic ORDER BY id"), {"topic": f"chat.{name}"}
        )
    return list(rows)


async def set_role(owner: Person, chat: int, person: Person, role: str) -> httpx.Response:
    return await owner.http.patch(f"groups/{chat}/members/{person.number}", json={"role": role})


async def join(person: Person, chat: int, **how: str) -> httpx.Response:
    return await person.http.put(f"groups/{chat}/members/me", json=how)


async def fill(database: Database, chat: int, members: int) -> None:
    """Makes the group count as having so many members."""
    async with database.transaction() as session:
        await session.execute(
            text("UPDATE chat_group SET members = :members WHERE chat_id = :chat"), {"members": members, "chat": chat}
        )
