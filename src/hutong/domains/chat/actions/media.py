"""Files in messages."""

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.media import take_media
from hutong.kit.clock import Clock

from ..segments import Draft, with_media_facts

__all__ = ["settle_media"]


async def settle_media(session: AsyncSession, sender: int, draft: Draft, *, clock: Clock) -> Draft:
    """The draft as it may be stored: its files are the sender's own and are kept from now on, and what its segments say
    of them is what we know. The message writer notes which message carries them when it stores it. Raises
    ``NoSuchMedia``, ``BadSegment``."""
    if not draft.media:
        return draft
    return with_media_facts(draft, await take_media(session, sender, draft.media, clock=clock))
