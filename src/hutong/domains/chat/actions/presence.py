"""Who is online: what each gateway says of the accounts that are connected to it.

The tables are not logged: after a crash of the database everybody counts as away until their gateway's next beat, which
says all of it again.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.clock import Clock

from ..models import OnlineSample
from ..queries import ALIVE

__all__ = ["beat", "forget_dead_gateways", "leave_gateway", "note_presence", "sample_online"]

_ONE_AFTER_THE_OTHER = text("LOCK TABLE chat_gateway IN SHARE ROW EXCLUSIVE MODE")
_BEAT = text("UPDATE chat_gateway SET beat_at = clock_timestamp() WHERE gateway = :gateway RETURNING 1")
_FIRST_BEAT = text("INSERT INTO chat_gateway (gateway, beat_at) VALUES (:gateway, clock_timestamp())")
_LEAVE = text("UPDATE chat_gateway SET beat_at = '-infinity' WHERE gateway = :gateway")
_COME = text(
    """
    INSERT INTO chat_online (account_number, gateway, client)
    SELECT u.number, :gateway, u.client
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:clients AS text[])) AS u (number, client)
    ON CONFLICT DO NOTHING
    """
)
_GO = text(
    """
    DELETE FROM chat_online o USING unnest(CAST(:numbers AS bigint[]), CAST(:clients AS text[])) AS u (number, client)
    WHERE o.account_number = u.number AND o.gateway = :gateway AND o.client = u.client
    """
)
_BURY = text(f"DELETE FROM chat_gateway g WHERE NOT ({ALIVE}) RETURNING g.gateway")  # noqa: S608  # our own words
_LEFT_BEHIND = text(
    "DELETE FROM chat_online o WHERE NOT EXISTS (SELECT 1 FROM chat_gateway g WHERE g.gateway = o.gateway) "
    "RETURNING o.account_number"
)
_SAMPLE = text(
    f"""
    INSERT INTO chat_online_sample (sampled_at, client, accounts)
    SELECT date_trunc('minute', CAST(:now AS timestamptz)), COALESCE(o.client, 'any'), count(DISTINCT o.account_number)
    FROM chat_online o
    JOIN chat_gateway g ON g.gateway = o.gateway AND {ALIVE}
    WHERE NOT EXISTS (
      SELECT 1 FROM chat_online_sample s WHERE s.sampled_at = date_trunc('minute', CAST(:now AS timestamptz)))
    GROUP BY GROUPING SETS ((), (o.client))
    ON CONFLICT DO NOTHING
    """  # noqa: S608  # only our own words
)


async def beat(session: AsyncSession, gateway: str) -> bool:
    """A gateway says that it lives. Returns whether it was not known, so that it must say again who is there.

    Beats come one after the other, so that nobody takes a gateway for dead that is saying just now that it is not.
    """
    await session.execute(_ONE_AFTER_THE_OTHER)
    is_known = await session.scalar(_BEAT, {"gateway": gateway}) is not None
    if not is_known:
        await session.execute(_FIRST_BEAT, {"gateway": gateway})
    return not is_known


async def note_presence(
    session: AsyncSession, gateway: str, came: Iterable[tuple[int, str]], gone: Iterable[tuple[int, str]]
) -> None:
    """Accounts that have come to a gateway with a kind of client, and gone from it. Saying it again changes nothing."""
    for statement, clients in ((_COME, sorted(came)), (_GO, sorted(gone))):
        if clients:
            numbers, kinds = zip(*clients, strict=True)
            said = {"gateway": gateway, "numbers": list(numbers), "clients": list(kinds)}
            await session.execute(statement, said)


async def leave_gateway(session: AsyncSession, gateway: str) -> None:
    """A gateway ends: from now on nobody is there. The next beat of another one tells who is away by that."""
    await session.execute(_LEAVE, {"gateway": gateway})


async def forget_dead_gateways(session: AsyncSession) -> list[int]:
    """Sweeps what gateways have left behind that have not been heard of for a while. Returns whose presence it was.
    Comes after ``beat`` in its transaction."""
    buried = (await session.scalars(_BURY)).all()
    return sorted(set(await session.scalars(_LEFT_BEHIND))) if buried else []


async def sample_online(session: AsyncSession, *, kept_days: int, clock: Clock) -> dict[str, int]:
    """Keeps how many accounts are online this minute, with any client (``any``) and with each kind of client; once a
    minute, however many ask for it. Returns what is kept of this minute."""
    now = clock()
    await session.execute(_SAMPLE, {"now": now})
    await session.execute(delete(OnlineSample).where(OnlineSample.sampled_at < now - timedelta(days=kept_days)))
    this_minute = now.replace(second=0, microsecond=0)
    rows = select(OnlineSample.client, OnlineSample.accounts).where(OnlineSample.sampled_at == this_minute)
    return {row.client: row.accounts for row in await session.execute(rows)}
