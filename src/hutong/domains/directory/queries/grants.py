"""Reads of grants, and of what came of them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains.openplatform import app_names
from hutong.kit.clock import Clock, iso_utc

from ..models import Grant, GrantDay
from ..schemas import GrantDayView, GrantView

__all__ = ["GrantWithApp", "list_grants", "list_running", "view_grants"]

_LISTED_MAX = 100


class GrantWithApp(NamedTuple):
    """A grant, and how its app is called: nothing where it was given up, of which the grants go soon."""

    app: int
    name: str
    grant: GrantView


async def list_running(session: AsyncSession, *, clock: Clock) -> list[Grant]:
    """The grants whose time is not over, also such as are used up and have not been ended yet."""
    running = select(Grant).where(Grant.ended_at.is_(None), Grant.ends_at > clock()).order_by(Grant.grant_id)
    return list(await session.scalars(running.execution_options(populate_existing=True)))


async def view_grants(session: AsyncSession, app_id: int) -> list[GrantView]:
    """The grants of an app, the newest first, for who has passed the gate of its owner."""
    wanted = select(Grant).where(Grant.app_id == app_id).order_by(Grant.grant_id.desc()).limit(_LISTED_MAX)
    return await _views(session, (await session.scalars(wanted)).all())


async def list_grants(session: AsyncSession) -> list[GrantWithApp]:
    """The grants of all apps, the newest first, for whoever runs the hutong."""
    grants = (await session.scalars(select(Grant).order_by(Grant.grant_id.desc()).limit(_LISTED_MAX))).all()
    names = await app_names(session, {grant.app_id for grant in grants})
    views = await _views(session, grants)
    return [
        GrantWithApp(grant.app_id, names.get(grant.app_id, ""), view) for grant, view in zip(grants, views, strict=True)
    ]


async def _views(session: AsyncSession, grants: Sequence[Grant]) -> list[GrantView]:
    apps, ids = {grant.app_id for grant in grants}, [grant.grant_id for grant in grants]
    days: dict[int, list[GrantDayView]] = {}
    wanted = select(GrantDay).where(GrantDay.app_id.in_(apps), GrantDay.grant_id.in_(ids)).order_by(GrantDay.day)
    for day in await session.scalars(wanted):
        view = GrantDayView(day=day.day.isoformat(), showings=day.showings, opened=day.opened, installed=day.installed)
        days.setdefault(day.grant_id, []).append(view)
    return [
        GrantView(
            grant=grant.grant_id,
            begun_at=iso_utc(grant.begun_at),
            ends_at=iso_utc(grant.ended_at or grant.ends_at),
            ended=grant.ended_at is not None,
            showings_max=grant.showings_max,
            showings=grant.showings,
            opened=grant.opened,
            installed=grant.installed,
            kinds=grant.kinds,
            members_min=grant.members_min,
            days=days.get(grant.grant_id, []),
        )
        for grant in grants
    ]
