"""Accounts, groups and messages in numbers that nobody would sign up by hand.

People come through identity's own door; groups, seats and a long history are written as rows, because the doors for
them are made for one at a time.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.identity import NewPerson, bulk_create, create_bot, open_sessions
from hutong.infra.db import Database
from hutong.infra.engines import use_engines
from hutong.kit.clock import system_clock
from hutong.settings import Limits, Settings

from .house import Hutong

_NEW_CHATS = text(
    "INSERT INTO chat_chat (kind, created_at) SELECT 'group', now() FROM generate_series(1, :count) RETURNING chat_id"
)
_NEW_GROUPS = text(
    """
    INSERT INTO chat_group (chat_id, name, kind, join_mode, capacity, members, owner_number)
    SELECT chat, 'Readers ' || chat, 'mixed', 'open', 2000, :members, owner
    FROM unnest(CAST(:chats AS bigint[]), CAST(:owners AS bigint[])) AS u (chat, owner)
    """
)
_NEW_SEATS = text(
    """
    INSERT INTO chat_member (chat_id, account_number, role, joined_at)
    SELECT chat, number, CASE WHEN place = 1 THEN 'owner' ELSE 'member' END, now()
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[]), CAST(:places AS int[])) AS u (chat, number, place)
    """
)
_NEW_INBOXES = text(
    """
    INSERT INTO chat_inbox (account_number, chat_id)
    SELECT number, chat FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[])) AS u (chat, number)
    """
)
_LONG_HISTORY = text(
    """
    INSERT INTO chat_message (chat_id, seq, id, sender_number, key, segments, sent_at)
    SELECT :chat, n, n, (CAST(:senders AS bigint[]))[1 + n % :people], 'past-' || n,
      '[{"type":"text","text":"Line ' || n || ': ' || repeat('what was said then ', 1 + n % 8) || '"}]',
      now() - (:messages - n) * interval '1 minute'
    FROM generate_series(1, :messages) AS n
    """
)
_TALKED = text("UPDATE chat_chat SET last_seq = :messages WHERE chat_id = :chat")
_HAVE_READ = text("UPDATE chat_member SET read_seq = :messages WHERE chat_id = :chat")


def seed_groups(house: Hutong, groups: int, members: int, folder: Path) -> Path:
    """``groups`` groups of ``members`` people each, nobody in two of them; a file of their tokens, each with its group.

    The file goes round the groups, so that the members of one are not connected one after the other.
    """

    async def seed(session: AsyncSession) -> list[str]:
        numbers, tokens = await _people(session, groups * members)
        seats = [numbers[g * members : (g + 1) * members] for g in range(groups)]
        chats = await _groups(session, seats)
        return [f"{tokens[g * members + m]} {chats[g]}" for m in range(members) for g in range(groups)]

    return _write(folder, _within(house, seed))


def seed_idle(house: Hutong, people: int, groups_each: int, folder: Path, *, members: int = 200) -> Path:
    """``people`` people, each in ``groups_each`` groups of ``members``; a file of their tokens."""

    async def seed(session: AsyncSession) -> list[str]:
        numbers, tokens = await _people(session, people)
        seats = []
        for layer in range(groups_each):
            dealt = random.Random(layer).sample(numbers, people)
            seats += [dealt[at : at + members] for at in range(0, people, members)]
        await _groups(session, seats)
        return tokens

    return _write(folder, _within(house, seed))


def seed_history(house: Hutong, messages: int) -> tuple[str, int]:
    """One group in which ten people have said ``messages`` things; a token of one of them, and the group's number."""

    async def seed(session: AsyncSession) -> list[str]:
        numbers, tokens = await _people(session, 10)
        (chat,) = await _groups(session, [numbers])
        facts = {"chat": chat, "messages": messages}
        await session.execute(_LONG_HISTORY, facts | {"senders": numbers, "people": len(numbers)})
        await session.execute(_TALKED, facts)
        await session.execute(_HAVE_READ, facts)
        return [tokens[0], str(chat)]

    token, chat = _within(house, seed)
    return token, int(chat)


_NEW_APP = text(
    """
    INSERT INTO openplatform_app (owner_number, name, scopes, state, secret, made_at)
    VALUES (:owner, 'Benchmark', '{read_all,send}', 'reviewed', decode(repeat('00', 32), 'hex'), now()) RETURNING app_id
    """
)
_NEW_BOTS = text(
    "INSERT INTO openplatform_bot (bot_number, app_id) "
    "SELECT number, :app FROM unnest(CAST(:numbers AS bigint[])) AS number"
)
_NEW_INSTALLS = text(
    """
    INSERT INTO openplatform_install (chat_id, bot_number, app_id, scopes, granted_by, granted_at)
    SELECT chat, number, :app, '{read_all,send}', number, now()
    FROM unnest(CAST(:chats AS bigint[]), CAST(:numbers AS bigint[])) AS u (chat, number)
    """
)
_FOLLOWED = text(
    "INSERT INTO openplatform_followed (chat_id, last_seq, last_rev) "
    "SELECT chat, 0, 0 FROM unnest(CAST(:chats AS bigint[])) AS chat"
)
_SPEAKERS = 100
_ONEBOT_PATH = "/bridges/onebot11/event"


def seed_bots(house: Hutong, groups: int, bots: int, bots_in_a_group: int, folder: Path) -> Path:
    """``groups`` groups of one person and ``bots_in_a_group`` bots each; a file with the tokens of all of them."""

    async def seed(session: AsyncSession) -> list[str]:
        numbers, tokens = await _people(session, _SPEAKERS)
        robots = [await create_bot(session, f"Bot {n}", clock=system_clock, limits=Limits()) for n in range(bots)]
        robot_tokens = await open_sessions(session, robots, client="bot", device="benchmark")
        seats = [
            [numbers[g % _SPEAKERS], *[robots[(g * bots_in_a_group + n) % bots] for n in range(bots_in_a_group)]]
            for g in range(groups)
        ]
        chats = await _groups(session, seats)
        app = await session.scalar(_NEW_APP, {"owner": numbers[0]})
        await session.execute(_NEW_BOTS, {"app": app, "numbers": robots})
        pairs = [(chat, number) for chat, some in zip(chats, seats, strict=True) for number in some[1:]]
        where, who = [chat for chat, _ in pairs], [number for _, number in pairs]
        await session.execute(_NEW_INSTALLS, {"app": app, "chats": where, "numbers": who})
        await session.execute(_FOLLOWED, {"chats": chats})
        speakers = [{"token": tokens[n], "chats": chats[n::_SPEAKERS]} for n in range(_SPEAKERS)]
        seeded = {
            "bots": robot_tokens,
            "speakers": speakers,
            "onebot": _ONEBOT_PATH,
            "bots_in_a_group": bots_in_a_group,
        }
        return [json.dumps(seeded)]

    return _write(folder, _within(house, seed))


_NEW_WEBHOOKS = text(
    """
    INSERT INTO openplatform_outlet (bot_number, kind, url, secret, position, next_at, made_at)
    SELECT bot_number, 'webhook', CAST(:url AS text) || bot_number, 'benchmark', 0, now(), now() FROM openplatform_bot
    RETURNING url
    """
)


def seed_webhooks(house: Hutong, url: str) -> None:
    """Every bot has a webhook at ``url`` and its number."""

    async def seed(session: AsyncSession) -> list[str]:
        return list(await session.scalars(_NEW_WEBHOOKS, {"url": url}))

    _within(house, seed)


async def _people(session: AsyncSession, count: int) -> tuple[list[int], list[str]]:
    """Numbers and tokens of new accounts, in the same order."""
    numbers = await bulk_create(session, [NewPerson(nickname=f"Reader {n}") for n in range(count)])
    return numbers, await open_sessions(session, numbers, client="desktop", device="benchmark")


async def _groups(session: AsyncSession, seats: list[list[int]]) -> list[int]:
    """The numbers of new groups with these members; the first of each owns it."""
    chats = sorted((await session.scalars(_NEW_CHATS, {"count": len(seats)})).all())
    owners = [members[0] for members in seats]
    await session.execute(_NEW_GROUPS, {"chats": chats, "owners": owners, "members": len(seats[0])})
    rows = [
        (chat, number, place)
        for chat, members in zip(chats, seats, strict=True)
        for place, number in enumerate(members, 1)
    ]
    filled = {"chats": [row[0] for row in rows], "numbers": [row[1] for row in rows]}
    await session.execute(_NEW_SEATS, filled | {"places": [row[2] for row in rows]})
    await session.execute(_NEW_INBOXES, filled)
    return chats


def _within(house: Hutong, seed: Callable[[AsyncSession], Awaitable[list[str]]]) -> list[str]:
    """Runs ``seed`` in one transaction in the database of a running hutong, and lets PostgreSQL take stock."""

    async def run() -> list[str]:
        async with use_engines(Settings(data=house.data), lambda line: None) as engines:
            database = Database(engines.database_url)
            async with database.transaction() as session:
                lines = await seed(session)
            async with database.engine.connect() as connection:
                quiet = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await quiet.execute(text("VACUUM ANALYZE"))
            await database.close()
        return lines

    return asyncio.run(run())


def _write(folder: Path, lines: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "tokens"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
