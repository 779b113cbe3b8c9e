"""``hutong admin`` for the directory of apps: what waits to be looked at, what is live, and what is put in front of
groups."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from hutong.domains import directory
from hutong.domains.chat import GroupKind
from hutong.domains.directory import GrantWithApp, Submission
from hutong.domains.media import StoredVersion, get_version
from hutong.infra.blobs import open_blobs
from hutong.kit.clock import iso_utc, system_clock
from hutong.settings import Settings

from .console import say, settings_from
from .operating import work_within

__all__ = [
    "approve_version",
    "drop_rating",
    "end_grant",
    "grant",
    "grants",
    "reject_version",
    "roll_back",
    "submission",
    "submissions",
]


def submissions(*, data: Path | None = None) -> None:
    """List the versions of apps that wait to be looked at.

    Parameters
    ----------
    data
        The data folder.
    """

    async def tell(session: AsyncSession) -> None:
        waiting = await directory.list_submissions(session)
        for one in waiting:
            since = iso_utc(one.submitted_at or one.made_at)
            say(f"{one.app_id}  version {one.version}  {since}  {one.name}: {one.tagline}")
        if not waiting:
            say("Nothing is waiting.")

    work_within(data, tell)


def submission(app: int, /, *, pictures: Path | None = None, data: Path | None = None) -> None:
    """Show what waits to be looked at of an app, and what it changes.

    Parameters
    ----------
    app
        The number of the app.
    pictures
        A folder to put its icon and its screenshots into, to look at.
    data
        The data folder.
    """
    kept: list[tuple[str, StoredVersion]] = []

    async def tell(session: AsyncSession) -> None:
        found = await directory.view_submission(session, app)
        for line in _told(found):
            say(line)
        shown = found.version
        names = {media: f"screenshot-{place}" for place, media in enumerate(shown.screenshots, start=1)}
        for media, name in (names | ({shown.icon: "icon"} if shown.icon else {})).items():
            kept.append((name, await get_version(session, media, "large")))

    work_within(data, tell)
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        asyncio.run(_put_pictures(settings_from(data), pictures, kept))


async def _put_pictures(settings: Settings, folder: Path, kept: Sequence[tuple[str, StoredVersion]]) -> None:
    blobs = open_blobs(settings.files_url, settings.data)
    for name, version in kept:
        file = folder / f"{name}.{version.type.rpartition('/')[2]}"
        file.write_bytes(await blobs.read_all(version.key))
        say(f"wrote {file}")


def _told(found: Submission) -> list[str]:
    """All of a version, then how it differs from what is live, then what may be done about it."""
    version, app = found.version, found.app
    bots = ", ".join(f"{bot.nickname} ({bot.number}, in {bot.groups} conversations)" for bot in app.bots)
    lines = [
        f"App {app.app}, version {version.version}, by account {app.owner}; the app is {app.state}",
        f"bots: {bots or 'none'}",
        *(f"{name}: {value}" for name, value in _fields(found)),
        "",
        f"Against version {found.live}, which is live:" if found.live else "Nothing of this app is live yet.",
    ]
    if found.live:
        lines += [
            line
            for one in found.changes
            for line in (f"- {one.field}: {_indented(one.before)}", f"+ {one.field}: {_indented(one.after)}")
        ]
        lines += [] if found.changes else ["Nothing is different."]
    approve = f"hutong admin approve-version {app.app} {version.version} --seen {found.fingerprint}"
    return [*lines, "", approve, f'hutong admin reject-version {app.app} {version.version} "reasons"']


def _fields(found: Submission) -> list[tuple[str, str]]:
    shown = found.version.snapshot
    return [
        ("name", shown.name),
        ("tagline", shown.tagline),
        ("about", _indented(shown.about)),
        ("category", shown.category or "none"),
        ("scopes", ", ".join(shown.scopes) or "none"),
        ("mini app", shown.mini_app or "none"),
        ("news", _indented(shown.news)),
        ("icon", "one" if shown.icon else "none"),
        ("screenshots", str(len(shown.screenshots))),
    ]


def _indented(text: str) -> str:
    """A developer's words, of which no line can be taken for one of ours."""
    return "\n    ".join(text.splitlines())


def approve_version(app: int, version: int, /, *, seen: str | None = None, data: Path | None = None) -> None:
    """Let a version of an app into the directory: it is live at once, and the app is reviewed.

    Parameters
    ----------
    app
        The number of the app.
    version
        The number of the version.
    seen
        What the submission was called when it was shown: it is approved only if nothing of it was changed since.
    data
        The data folder.
    """
    limits = settings_from(data).limits

    async def approve(session: AsyncSession) -> None:
        await directory.approve_version(session, app, version, seen=seen, clock=system_clock, limits=limits)

    work_within(data, approve)
    say(f"Version {version} of the app {app} is live now")


def reject_version(app: int, version: int, reasons: str, /, *, data: Path | None = None) -> None:
    """Turn a version of an app away, and tell its developer why.

    Parameters
    ----------
    app
        The number of the app.
    version
        The number of the version.
    reasons
        What is wrong with it, as its developer reads it.
    data
        The data folder.
    """
    limits = settings_from(data).limits

    async def reject(session: AsyncSession) -> None:
        await directory.reject_version(session, app, version, reasons, clock=system_clock, limits=limits)

    work_within(data, reject)
    say(f"Version {version} of the app {app} is turned away")


def roll_back(app: int, version: int, /, *, data: Path | None = None) -> None:
    """Make an earlier approved version of an app live again.

    Parameters
    ----------
    app
        The number of the app.
    version
        The number of the version.
    data
        The data folder.
    """
    limits = settings_from(data).limits

    async def put(session: AsyncSession) -> None:
        await directory.put_live(session, None, app, version, clock=system_clock, limits=limits)

    work_within(data, put)
    say(f"Version {version} of the app {app} is live now")


def drop_rating(app: int, number: int, /, *, data: Path | None = None) -> None:
    """Take somebody's rating of an app away.

    Parameters
    ----------
    app
        The number of the app.
    number
        The account number of whoever has rated it.
    data
        The data folder.
    """

    async def drop(session: AsyncSession) -> None:
        await directory.drop_rating(session, app, number)

    work_within(data, drop)
    say(f"What {number} said of the app {app} is gone")


def grant(
    app: int,
    /,
    *,
    showings: int,
    days: int,
    kind: list[GroupKind] | None = None,
    members: int = 0,
    data: Path | None = None,
) -> None:
    """Put an app in front of groups that it fits, for a time.

    Parameters
    ----------
    app
        The number of the app.
    showings
        How often it is shown at most; each group counts once a day.
    days
        For how long.
    kind
        Which kinds of groups; may be given several times. All if left out.
    members
        How many members a group has at least.
    data
        The data folder.
    """
    limits = settings_from(data).limits
    kinds = kind or []

    async def begin(session: AsyncSession) -> None:
        await directory.begin_grant(
            session,
            app,
            showings_max=showings,
            days=days,
            kinds=kinds,
            members_min=members,
            clock=system_clock,
            limits=limits,
        )

    work_within(data, begin)
    say(f"The app {app} is put in front of groups for {days} days, {showings} times at most")


def grants(*, data: Path | None = None) -> None:
    """List what was put in front of groups, and what came of it.

    Parameters
    ----------
    data
        The data folder.
    """

    async def tell(session: AsyncSession) -> None:
        found = await directory.list_grants(session)
        for line in (line for one in found for line in _counted(one)):
            say(line)
        if not found:
            say("There are no grants.")

    work_within(data, tell)


def _counted(one: GrantWithApp) -> list[str]:
    told = one.grant
    for_whom = ", ".join(told.kinds) or "all kinds of groups"
    size = f" of {told.members_min} members and more" if told.members_min else ""
    state = "over" if told.ended else f"until {told.ends_at}"
    return [
        f"{one.app}  {one.name or 'given up'}  {state}  {for_whom}{size}",
        f"    {told.showings} of {told.showings_max} shown, {told.opened} opened, {told.installed} installed",
        *(f"    {day.day}: {day.showings} shown, {day.opened} opened, {day.installed} installed" for day in told.days),
    ]


def end_grant(app: int, /, *, data: Path | None = None) -> None:
    """Put an app in front of groups no longer.

    Parameters
    ----------
    app
        The number of the app.
    data
        The data folder.
    """
    limits = settings_from(data).limits

    async def end(session: AsyncSession) -> None:
        await directory.end_grant(session, app, clock=system_clock, limits=limits)

    work_within(data, end)
    say(f"The grant of the app {app} is over")
