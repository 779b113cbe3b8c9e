"""Which groups anybody may find, and by what."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.kit.finding import folded, terms_of

from ..finding import size_of
from ..models import Group, Listing

__all__ = ["list_anew", "resize"]


async def list_anew(session: AsyncSession, group: Group) -> None:
    """Makes the group be found by its present names, or not at all where it is closed or unlisted."""
    if not group.listed or group.join_mode == "closed":
        await session.execute(delete(Listing).where(Listing.chat_id == group.chat_id))
        return
    found_by = {
        "size": size_of(group.members),
        "kind": group.kind,
        "city": folded(group.city),
        "terms": terms_of(group.name, group.city, group.handle or "", str(group.chat_id)),
    }
    await session.execute(
        upsert(Listing)
        .values(chat_id=group.chat_id, **found_by)
        .on_conflict_do_update(index_elements=[Listing.chat_id], set_=found_by)
    )


async def resize(session: AsyncSession, group: Group, members: int) -> None:
    """Takes over the new number of members."""
    grown = size_of(members) != size_of(group.members)
    group.members = members
    await session.flush()
    if grown:
        await list_anew(session, group)
