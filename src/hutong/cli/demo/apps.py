"""Apps of the demo: three small bots that stand in the directory, were rated, sit in groups, and answer a command."""

import asyncio
from datetime import datetime
from random import Random
from typing import Any

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hutong.api import House
from hutong.domains import directory, openplatform
from hutong.domains.chat import Draft, Person, Reply, Text
from hutong.domains.directory import Category, RatingDraft, VersionPatch
from hutong.domains.identity import find_person
from hutong.domains.openplatform import AppDraft, BotDraft, CommandDraft, GrantDraft
from hutong.kit.actor import Actor
from hutong.kit.clock import Clock
from hutong.kit.errors import HutongError
from hutong.settings import Limits

from .plan import LEADS, Plan, PlannedGroup

__all__ = ["APPS", "Readers", "answer_commands", "answer_new", "answer_to", "heard_so_far", "publish_apps"]

log = structlog.get_logger()

_LOOKED_EVERY_S = 0.5
_EVENTS_AT_ONCE_MAX = 50
_ANY_MEMBERSHIP = -1
_PAGES_A_DAY = 20
_MAKER = 3
"""Whose apps they are: somebody who owns the large groups, and may let bots in there."""


class DemoApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app with one bot of the same name. ``groups`` are those it is in; ``ratings`` are stars and words."""

    name: str
    handle: str
    tagline: str
    about: str
    category: Category
    command: str
    usage: str
    groups: tuple[str, ...]
    ratings: tuple[tuple[int, str], ...]


APPS = (
    DemoApp(
        name="抓阄",
        handle="lots",
        tagline="谁去订座、下一本读哪本，抓一个就好",
        about="写“/抓阄 小王 小李 小张”，它从里面抓一个。\n每次都重新抓，谁也不偏。",
        category="tools",
        command="抓阄",
        usage="用空格隔开",
        groups=("读书会 · 总群", "深夜读书人"),
        ratings=((5, "选下一本书再也不用吵了。"), (4, "好用，要是能一次抓两个就更好了。"), (5, "")),
    ),
    DemoApp(
        name="骰子",
        handle="dice",
        tagline="掷一个骰子，要几面有几面",
        about="写“/骰子”掷六面的，写“/骰子 20”掷二十面的。",
        category="games",
        command="骰子",
        usage="面数",
        groups=("话剧拼票", "深夜读书人"),
        ratings=((5, "桌游夜靠它。"), (3, "没有骰子的声音。")),
    ),
    DemoApp(
        name="页码",
        handle="pages",
        tagline="读到第几页，还剩多少",
        about="写“/页码 120 360”，它告诉你读了百分之几，每天读二十页还要几天。",
        category="study",
        command="页码",
        usage="读到的页 总页数",
        groups=("读书会 · 总群",),
        ratings=((4, "每月共读的时候看进度正好。"),),
    ),
)


class Readers(msgspec.Struct, frozen=True):
    """The plan's people with their numbers, and the numbers of its groups by name."""

    plan: Plan
    numbers: list[int]
    chats: dict[str, int]

    def actor(self, place: int) -> Actor:
        return Actor(self.numbers[place], self.plan.people[place].nickname)

    def group(self, name: str) -> PlannedGroup:
        return next(group for group in self.plan.groups if group.name == name)


async def publish_apps(session: AsyncSession, readers: Readers, now: datetime) -> None:
    """Registers the apps, puts them into the directory, lets their bots into groups and has them rated."""
    limits = Limits()

    def clock() -> datetime:
        return now

    for one in APPS:
        app, bot = await _make(session, one, readers.actor(_MAKER), clock, limits)
        for name in one.groups:
            owner = readers.actor(readers.group(name).members[0])
            scopes = GrantDraft(scopes=["read_mentions", "send"])
            await openplatform.install_bot(session, owner, readers.chats[name], bot, scopes, clock=clock, limits=limits)
        raters = [place for place in readers.group(one.groups[0]).members if place >= len(LEADS)]
        for place, (stars, words) in zip(raters, one.ratings, strict=False):
            rating = RatingDraft(stars=stars, text=words)
            await directory.rate_app(session, readers.actor(place), app, rating, clock=clock, limits=limits)


async def _make(session: AsyncSession, one: DemoApp, maker: Actor, clock: Clock, limits: Limits) -> tuple[int, int]:
    """The numbers of the app and of its bot."""
    draft = AppDraft(name=one.name, about=one.about, scopes=["read_mentions", "send"])
    app = (await openplatform.register_app(session, maker, draft, clock=clock, limits=limits)).app_id
    named = BotDraft(nickname=one.name, handle=one.handle)
    bot = await openplatform.make_bot(session, maker, app, named, clock=clock, limits=limits)
    command = CommandDraft(name=one.command, about=one.tagline, usage=one.usage)
    await openplatform.set_commands(session, Actor(bot, one.name, is_bot=True), [command], limits=limits)
    version, _ = await directory.begin_version(session, maker, app, clock=clock, limits=limits)
    shown = VersionPatch(tagline=one.tagline, category=one.category, news="第一个版本。")
    await directory.change_version(session, maker, app, version.version, shown, clock=clock, limits=limits)
    await directory.submit_version(session, maker, app, version.version, clock=clock, limits=limits)
    await directory.approve_version(session, app, version.version, clock=clock, limits=limits)
    return app, bot


def answer_to(command: str, words: list[str], draw: Random) -> str:
    """What the bot with this command says to somebody who has written these words behind it."""
    match command:
        case "抓阄":
            return f"抓到：{draw.choice(words)}" if words else "写上要抓的，用空格隔开。"
        case "骰子":
            sides = _number(words[0]) if words else 6
            return (
                f"{sides} 面骰子，掷出 {draw.randint(1, sides)}。"
                if 2 <= sides <= 1_000
                else "二到一千面，才掷得出来。"
            )
        case _:
            at, of = (_number(words[0]), _number(words[1])) if len(words) == 2 else (0, 0)
            if not 0 < at <= of:
                return "这样写：/页码 120 360"
            left = of - at
            return f"读了 {at * 100 // of}%，还有 {left} 页；每天二十页，再读 {-(-left // _PAGES_A_DAY)} 天。"


def _number(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 7 else 0


async def answer_commands(house: House) -> None:
    """Answers what people ask of the bots from now on, until it is cancelled."""
    draw = Random()  # noqa: S311  # nothing secret
    heard = await heard_so_far(house)
    while heard:
        await asyncio.sleep(_LOOKED_EVERY_S)
        await answer_new(house, heard, draw)


async def heard_so_far(house: House) -> dict[str, int]:
    """The last event of each bot of the demo, by its handle."""
    async with house.database.transaction() as session:
        numbers = {app.handle: await find_person(session, app.handle) for app in APPS}
        last = await openplatform.last_events_of(session, [number for number in numbers.values() if number])
    return {handle: last.get(number, 0) for handle, number in numbers.items() if number}


async def answer_new(house: House, heard: dict[str, int], draw: Random) -> None:
    """Answers what was asked of the bots after the events that they have ``heard``, which is moved on."""
    for app in APPS:
        async with house.database.transaction() as session:
            number = await find_person(session, app.handle)
            if number is None or app.handle not in heard:
                continue
            last = heard[app.handle]
            events = await openplatform.events_after(session, number, event=last, limit=_EVENTS_AT_ONCE_MAX)
        for event, frame in events:
            heard[app.handle] = event
            try:
                await _answer(house, number, app, msgspec.json.decode(frame), draw)
            except HutongError as error:
                log.info("demo.bot_silent", bot=app.name, reason=error.detail)


async def _answer(house: House, number: int, app: DemoApp, told: dict[str, Any], draw: Random) -> None:
    said = next((part for part in told.get("segments", ()) if part["type"] == "text"), {"text": ""})
    command, *words = said["text"].split() or [""]
    if told["on"] != "message" or command.partition("@")[0] != f"/{app.command}":
        return
    segments = [Reply(told["seq"]), Text(answer_to(app.command, words, draw))]
    await house.writer.send(
        chat=told["chat"],
        sender=number,
        sender_json=msgspec.json.encode(Person(number, app.name, None, True)),
        key=f"demo-{told['seq']}",
        draft=Draft(msgspec.json.encode(segments)),
        members_rev=_ANY_MEMBERSHIP,
    )
