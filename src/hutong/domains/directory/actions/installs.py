"""In how many groups an app is: counted anew whenever one of its bots comes or goes."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.openplatform import count_groups

from ..models import Listing

__all__ = ["recount_groups"]


async def recount_groups(session: AsyncSession, app_id: int) -> None:
    """Nothing happens where the directory does not know the app. Two at once count one after the other."""
    if await session.get(Listing, app_id, with_for_update=True, populate_existing=True) is None:
        return
    groups = await count_groups(session, app_id)
    await session.execute(update(Listing).where(Listing.app_id == app_id).values(groups=groups))
