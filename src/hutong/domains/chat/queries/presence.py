"""Who is online, over all gateways that are alive."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

__all__ = ["ALIVE", "GATEWAY_DEAD_AFTER_S", "Presence", "chats_of", "online_among", "presence_in"]

GATEWAY_DEAD_AFTER_S = 35
"""How long a gateway may be silent before its people count as away. It beats every ten seconds."""

ALIVE = f"g.beat_at > clock_timestamp() - make_interval(secs => {GATEWAY_DEAD_AFTER_S})"
"""Whether the gateway ``g`` lives. The time is the database's own: the clocks of several machines differ."""

_IN_CHATS = text(
    f"""
    SELECT c.chat_id, c.members_rev,
      count(DISTINCT o.account_number) FILTER (WHERE g.gateway IS NOT NULL) AS online,
      array_agg(DISTINCT m.account_number) FILTER (WHERE c.kind = 'direct') AS both,
      array_agg(DISTINCT m.account_number) FILTER (WHERE c.kind = 'direct' AND g.gateway IS NOT NULL) AS here
    FROM chat_chat c
    JOIN chat_member m ON m.chat_id = c.chat_id
    LEFT JOIN chat_online o ON o.account_number = m.account_number
    LEFT JOIN chat_gateway g ON g.gateway = o.gateway AND {ALIVE}
    WHERE c.chat_id = ANY (CAST(:chats AS bigint[])) AND c.dissolved_at IS NULL
      AND (c.kind = 'group' OR c.last_seq > 0)
    GROUP BY c.chat_id
    """  # noqa: S608  # only our own words
)
_AMONG = text(
    f"""
    SELECT DISTINCT o.account_number FROM chat_online o JOIN chat_gateway g ON g.gateway = o.gateway AND {ALIVE}
    WHERE o.account_number = ANY (CAST(:numbers AS bigint[]))
    """  # noqa: S608  # only our own words
)
_CHATS_OF = text("SELECT DISTINCT chat_id FROM chat_inbox WHERE account_number = ANY (CAST(:numbers AS bigint[]))")


class Presence(msgspec.Struct, frozen=True):
    """How many members of a chat are online, under which ``members_rev``. Of a direct conversation also whose it is
    (``both``), and who of them is ``here``."""

    members_rev: int
    online: int
    both: frozenset[int] = frozenset()
    here: frozenset[int] = frozenset()


async def presence_in(session: AsyncSession, chats: Sequence[int]) -> dict[int, Presence]:
    """Who is online in each of these chats. Those that are dissolved are left out, and direct ones in which nothing has
    been said: opening a conversation with somebody does not tell whether they are there."""
    rows = await session.execute(_IN_CHATS, {"chats": list(chats)})
    return {
        row.chat_id: Presence(row.members_rev, row.online, frozenset(row.both or ()), frozenset(row.here or ()))
        for row in rows
    }


async def online_among(session: AsyncSession, numbers: Sequence[int]) -> set[int]:
    """Which of these accounts are online."""
    return set(await session.scalars(_AMONG, {"numbers": list(numbers)})) if numbers else set()


async def chats_of(session: AsyncSession, numbers: Sequence[int]) -> set[int]:
    """The chats that any of these accounts is in."""
    return set(await session.scalars(_CHATS_OF, {"numbers": list(numbers)})) if numbers else set()
