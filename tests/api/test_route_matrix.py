"""Every route of the conversations, asked by everybody: what they may do, and that what they may not see is not there.

A route without a row fails the test; so does a row without a route. An answer that changes something is given by a
scene of its own, so no answer depends on the one before.
"""

import contextlib
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.api import House
from hutong.domains import chat as chats
from hutong.domains import directory, openplatform
from hutong.domains.chat.actions.announcements import announce
from hutong.domains.chat.actions.directs import open_direct
from hutong.domains.chat.schemas import AnnouncementDraft, GroupPatch
from hutong.domains.directory.actions import begin_version, change_version, offer_in_chat, submit_version
from hutong.domains.directory.schemas import VersionPatch
from hutong.kit.actor import Actor
from hutong.settings import Limits
from tests.cast import Person, people, visitor
from tests.files import png, send_file

ROLES = ("stranger", "banned", "muted", "member", "admin", "owner")
"""Of an open, listed group. Nobody at all is asked too, and gets 401 everywhere but in ``OPEN``."""

OPEN = {"GET /invitations/{code}/group", "GET /invitations/{code}/avatars/{media}/{size}"}
"""Whoever holds a link may know what it is to before signing up: they get what a stranger gets."""

MATRIX = """
GET    /chats                                                  200 200 200 200 200 200
POST   /directs                                                201 201 201 201 201 201
GET    /chats/{chat}                                           404 404 200 200 200 200
PATCH  /chats/{chat}                                           404 404 200 200 200 200
PUT    /chats/{chat}/read                                      404 404 204 204 204 204
GET    /chats/{chat}/reads                                     404 404 200 200 200 200
GET    /chats/{chat}/messages                                  404 404 200 200 200 200
POST   /chats/{chat}/messages                                  404 404 403 201 201 201
GET    /chats/{chat}/messages/{seq}                            404 404 200 200 200 200
PATCH  /chats/{chat}/messages/{seq}                            404 404 403 403 403 403
POST   /chats/{chat}/messages/{seq}/presses                    404 404 201 201 201 201
GET    /chats/{chat}/commands                                  404 404 200 200 200 200
PUT    /chats/{chat}/messages/{seq}/recall                     404 404 403 403 204 204
PUT    /chats/{chat}/messages/{seq}/reactions/{emoji}          404 404 403 204 204 204
DELETE /chats/{chat}/messages/{seq}/reactions/{emoji}          404 404 204 204 204 204
PUT    /chats/{chat}/pins/{seq}                                404 404 403 403 204 204
DELETE /chats/{chat}/pins/{seq}                                404 404 403 403 204 204
GET    /chats/{chat}/changes                                   404 404 200 200 200 200
GET    /chats/{chat}/media/{media}/{variant}                   404 404 200 200 200 200
POST   /chats/{chat}/apps/{app}/launch                         404 404 200 200 200 200
GET    /chats/{chat}/offers                                    404 404 200 200 200 200
POST   /chats/{chat}/offers/{grant}/open                       404 404 404 404 204 204
DELETE /chats/{chat}/offers/{grant}                            404 404 404 404 204 204

GET    /groups                                                 200 200 200 200 200 200
POST   /groups                                                 201 201 201 201 201 201
GET    /groups/{chat}                                          200 200 200 200 200 200
PATCH  /groups/{chat}                                          404 404 403 403 200 200
DELETE /groups/{chat}                                          404 404 403 403 403 204
PUT    /groups/{chat}/owner                                    404 404 403 403 403 204
GET    /groups/{chat}/members                                  404 404 200 200 200 200
PUT    /groups/{chat}/members/me                               200 403 200 200 200 200
PATCH  /groups/{chat}/members/me                               404 404 200 200 200 200
DELETE /groups/{chat}/members/me                               404 404 204 204 204 409
PATCH  /groups/{chat}/members/{number}                         404 404 403 403 403 200
DELETE /groups/{chat}/members/{number}                         404 404 403 403 204 204
GET    /groups/{chat}/bans                                     404 404 403 403 200 200
DELETE /groups/{chat}/bans/{number}                            404 404 403 403 204 204
PUT    /groups/{chat}/mutes/{number}                           404 404 403 403 204 204
DELETE /groups/{chat}/mutes/{number}                           404 404 403 403 204 204
PUT    /groups/{chat}/mutes/all                                404 404 403 403 204 204
DELETE /groups/{chat}/mutes/all                                404 404 403 403 204 204
GET    /groups/{chat}/requests                                 404 404 403 403 200 200
PUT    /groups/{chat}/requests/{number}                        404 404 403 403 204 204
POST   /groups/{chat}/invitations                              404 404 201 201 201 201
GET    /groups/{chat}/invitations                              404 404 200 200 200 200
DELETE /groups/{chat}/invitations/{code}                       404 404 404 404 204 204
GET    /invitations/{code}                                     200 403 200 200 200 200
GET    /invitations/{code}/qr.svg                              200 200 200 200 200 200
GET    /invitations/{code}/group                               200 200 200 200 200 200
GET    /invitations/{code}/avatars/{media}/{size}              200 200 200 200 200 200
GET    /groups/{chat}/bots                                     404 404 200 200 200 200
PUT    /groups/{chat}/bots/{number}                            404 404 403 403 403 204
DELETE /groups/{chat}/bots/{number}                            404 404 403 403 204 204
POST   /groups/{chat}/announcements                            404 404 403 403 201 201
GET    /groups/{chat}/announcements                            404 404 200 200 200 200
DELETE /groups/{chat}/announcements/{announcement}             404 404 403 403 204 204
PUT    /groups/{chat}/announcements/{announcement}/readers/me  404 404 204 204 204 204
GET    /groups/{chat}/announcements/{announcement}/readers     404 404 403 403 200 200
POST   /groups/{chat}/announcements/{announcement}/reminders   404 404 403 403 204 204
"""

CONVERSATIONS = ("/chats", "/directs", "/groups", "/invitations")


@dataclass(frozen=True)
class Folk:
    """Who asks, and those whom something is done to: ``target`` is a member, ``asker`` waits to be let in, ``picture``
    is what the target said, ``face`` what the group wears."""

    stranger: Person
    banned: Person
    muted: Person
    member: Person
    admin: Person
    owner: Person
    target: Person
    asker: Person
    picture: str
    face: str


@dataclass(frozen=True)
class Scene:
    """What the parameters of a path stand for."""

    chat: int
    announcement: int
    code: str
    media: str
    bot: int
    app: int
    grant: int
    variant: str = "small"
    size: str = "large"
    seq: int = 1
    emoji: str = "👍"


def rows() -> dict[str, dict[str, int]]:
    """The matrix: the status for each role, by route."""
    found = {}
    for line in MATRIX.strip().splitlines():
        if line:
            method, path, *statuses = line.split()
            found[f"{method} {path}"] = dict(zip(ROLES, map(int, statuses), strict=True))
    return found


def routes(app: Litestar) -> set[str]:
    """Every route of the conversations, whichever domain it belongs to, as the matrix names it."""
    return {
        f"{method} {re.sub(r':[a-z]+}', '}', path)}"
        for route in app.routes
        for path in [route.path.removeprefix("/api/v1")]
        if path.startswith(CONVERSATIONS) and path != route.path
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        for method in handler.http_methods - {"HEAD", "OPTIONS"}
    }


@pytest.fixture
async def folk(app: Litestar, house: House) -> Any:
    names = [name for name in Folk.__dataclass_fields__ if name not in ("picture", "face")]
    async with contextlib.AsyncExitStack() as stack:
        found = dict(zip(names, await people(app, house, stack, [name.capitalize() for name in names]), strict=True))
        face = await send_file(found["owner"].http, png(), purpose="avatar")
        yield Folk(**found, picture=await send_file(found["target"].http, png()), face=face)


async def set_the_scene(house: House, folk: Folk, **settings: Any) -> Scene:
    """A group in which everybody has their place, made through the verbs themselves."""
    clock, limits = house.clock, house.settings.limits
    owner = _actor(folk.owner)
    async with house.database.transaction() as session:
        draft = chats.GroupDraft(name="Readers", avatar=folk.face)
        group = await chats.create_group(session, owner, draft, clock=clock, limits=limits)
        chat = group.chat_id

        async def join(person: Person) -> None:
            await chats.join_group(session, _actor(person), chat, chats.JoinDraft(), clock=clock, limits=limits)

        for person in (folk.admin, folk.member, folk.muted, folk.target):
            await join(person)
        await chats.set_role(session, owner, chat, folk.admin.number, "admin", clock=clock)
        await chats.mute_member(session, owner, chat, folk.muted.number, 60, clock=clock, limits=limits)
        await chats.remove_member(session, owner, chat, folk.banned.number, ban=True, clock=clock)
        said = chats.PastMessage(
            sender=folk.target.number,
            sent_at=clock(),
            segments=[{"type": "image", "media": folk.picture}],
            key="1",
            media=(folk.picture,),
        )
        await chats.append_past(session, chat, [said])
        notice = await announce(session, owner, chat, AnnouncementDraft("Hear"), clock=clock, limits=limits)
        link = await chats.make_invitation(
            session, _actor(folk.target), chat, chats.InvitationDraft(), clock=clock, limits=limits
        )
        await chats.change_group(session, owner, chat, GroupPatch(join_mode="approval"), clock=clock, limits=limits)
        await join(folk.asker)
        final = GroupPatch(**{"join_mode": "open", **settings})
        await chats.change_group(session, owner, chat, final, clock=clock, limits=limits)
        app, bot = await a_bot(session, house, owner)
        await openplatform.host_mini_app(session, app, f"/mini/{app}/")
        await openplatform.install_bot(
            session, owner, chat, bot, openplatform.GrantDraft(scopes=["send"]), clock=clock, limits=limits
        )
        buttons = {"type": "buttons", "rows": [[{"label": "Yes", "data": "yes"}]]}
        asked = chats.PastMessage(sender=bot, sent_at=clock(), segments=[chats.Text("Shall we?"), buttons], key="2")
        await chats.append_past(session, chat, [asked])
        grant = await an_offer(session, house, owner, chat)
    return Scene(chat, notice, link.code, folk.picture, bot, app, grant)


async def a_bot(session: AsyncSession, house: House, owner: Actor) -> tuple[int, int]:
    clock, limits = house.clock, Limits(apps_per_account_max=10_000)
    app = await openplatform.register_app(
        session, owner, openplatform.AppDraft(name="Library card"), clock=clock, limits=limits
    )
    draft = openplatform.BotDraft(nickname="Librarian")
    bot = await openplatform.make_bot(session, owner, app.app_id, draft, clock=clock, limits=limits)
    return app.app_id, bot


async def an_offer(session: AsyncSession, house: House, owner: Actor, chat: int) -> int:
    """Another app, which a grant has put in front of those who keep the group."""
    clock, limits = house.clock, Limits(submissions_per_day_max=10_000, grants_running_max=10_000)
    app, _ = await a_bot(session, house, owner)
    await begin_version(session, owner, app, clock=clock, limits=limits)
    patch = VersionPatch(tagline="Tells what is lent", category="study")
    await change_version(session, owner, app, 1, patch, clock=clock, limits=limits)
    await submit_version(session, owner, app, 1, clock=clock, limits=limits)
    await directory.approve_version(session, app, 1, clock=clock, limits=limits)
    grant = await directory.begin_grant(session, app, showings_max=10, days=1, clock=clock, limits=limits)
    # Of all that scenes have left, this one too is shown.
    shown = Limits(offers_at_once_max=10_000)
    offers = await offer_in_chat(session, owner, chat, clock=clock, limits=shown)
    assert grant.grant_id in [one.grant for one in offers]
    return grant.grant_id


def _actor(person: Person) -> Actor:
    return Actor(person.number, person.nickname)


def _bodies(folk: Folk) -> dict[str, dict[str, Any]]:
    """A good body for each route that wants one."""
    return {
        "POST /directs": {"number": folk.target.number},
        "PATCH /chats/{chat}": {"pinned": True},
        "PUT /chats/{chat}/read": {"seq": 1},
        "POST /chats/{chat}/messages": {"key": "k", "segments": [{"type": "text", "text": "hm"}]},
        "POST /chats/{chat}/apps/{app}/launch": {"start": "shelf"},
        "PATCH /chats/{chat}/messages/{seq}": {"segments": [{"type": "text", "text": "hm"}]},
        "POST /chats/{chat}/messages/{seq}/presses": {"key": "k", "button": "yes"},
        "POST /groups": {"name": "Writers"},
        "PATCH /groups/{chat}": {"name": "Writers"},
        "PUT /groups/{chat}/owner": {"number": folk.target.number},
        "PATCH /groups/{chat}/members/me": {"card": "Me"},
        "PATCH /groups/{chat}/members/{number}": {"role": "admin"},
        "PUT /groups/{chat}/mutes/{number}": {"minutes": 5},
        "PUT /groups/{chat}/requests/{number}": {"accept": True},
        "POST /groups/{chat}/announcements": {"text": "Hear"},
        "PUT /groups/{chat}/bots/{number}": {"scopes": ["send"]},
    }


async def ask(client: httpx.AsyncClient, row: str, scene: Scene, folk: Folk) -> int:
    """Asks for the route of a row and returns the status of the answer."""
    method, _, path = row.partition(" ")
    of_path = {"requests": folk.asker.number, "bans": folk.banned.number, "bots": scene.bot}
    number = of_path.get(path.split("/")[3] if path.count("/") > 3 else "", folk.target.number)
    values = {**vars(scene), "number": number}
    if path.endswith("/presses"):
        values["seq"] = scene.seq + 1
    if "/avatars/" in path:
        values["media"] = folk.face
    query = {"first": 1, "last": 1} if path.endswith("/reads") else {}
    asked = f"http://hutong.test/api/v1{path.format(**values)}"
    answer = await client.request(method, asked, json=_bodies(folk).get(row), params=query)
    return answer.status_code


def _changes_something(row: str, status: int) -> bool:
    return status < 300 and not row.startswith("GET")


def test_every_route_of_the_conversations_has_a_row_and_every_row_a_route(app: Litestar) -> None:
    assert routes(app) == rows().keys()


async def test_everybody_gets_what_the_matrix_says(app: Litestar, house: House, folk: Folk) -> None:
    wrong = []
    scene = await set_the_scene(house, folk)
    async with visitor(app) as nobody:
        for row, statuses in rows().items():
            for role in ("anonymous", *ROLES):
                client = nobody if role == "anonymous" else getattr(folk, role).http
                expected = statuses[role] if role != "anonymous" else statuses["stranger"] if row in OPEN else 401
                status = await ask(client, row, scene, folk)
                if status != expected:
                    wrong.append(f"{row}: {role} gets {status}, not {expected}")
                if _changes_something(row, status):
                    scene = await set_the_scene(house, folk)
    assert wrong == []


@pytest.mark.parametrize("hidden", [{"join_mode": "closed"}, {"listed": False}])
async def test_of_a_hidden_group_nothing_is_there_for_a_stranger(
    app: Litestar, house: House, folk: Folk, hidden: dict[str, Any]
) -> None:
    scene = await set_the_scene(house, folk, **hidden)
    outside = {"stranger": folk.stranger, "banned": folk.banned, "asker": folk.asker}

    seen = [
        f"{row}: {role} gets {status}"
        for row in rows()
        if "{chat}" in row
        for role, person in outside.items()
        if (status := await ask(person.http, row, scene, folk)) != 404
    ]

    assert seen == []


async def test_a_conversation_of_two_is_there_for_nobody_else_and_is_no_group(
    app: Litestar, house: House, folk: Folk
) -> None:
    scene = await set_the_scene(house, folk)
    async with house.database.transaction() as session:
        direct, _ = await open_direct(
            session,
            _actor(folk.member),
            folk.target.number,
            may_talk=openplatform.check_talk,
            clock=house.clock,
            limits=house.settings.limits,
        )
    scene = Scene(direct, scene.announcement, scene.code, scene.media, scene.bot, scene.app, scene.grant)

    seen = [
        f"{row}: {role} gets {status}"
        for row in rows()
        if "{chat}" in row
        for role in ROLES
        if role != "member" or row.partition(" ")[2].startswith("/groups")
        if (status := await ask(getattr(folk, role).http, row, scene, folk)) != 404
    ]

    assert seen == []


async def test_a_dissolved_group_is_there_for_nobody(app: Litestar, house: House, folk: Folk) -> None:
    scene = await set_the_scene(house, folk)
    async with house.database.transaction() as session:
        await chats.dissolve_group(session, _actor(folk.owner), scene.chat, clock=house.clock)

    seen = [
        f"{row}: {role} gets {status}"
        for row in rows()
        if "{chat}" in row or "{code}" in row
        for role in ROLES
        if (status := await ask(getattr(folk, role).http, row, scene, folk)) != 404
    ]

    assert seen == []
