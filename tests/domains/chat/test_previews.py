"""Previews of links: what a page says of itself, fetched once, kept beside the message and told."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from typing import cast as taken_as

import msgspec
import pytest
from sqlalchemy import func, select

from hutong.api import House
from hutong.domains.chat.facts import LinksSent
from hutong.domains.chat.jobs import link_previews
from hutong.domains.chat.models import Preview
from hutong.domains.chat.previews import PageText, read_page
from hutong.infra.db import Database
from hutong.infra.http_client import CannotFetch, Fetched, GuardedClient
from hutong.infra.jobs import HandledFact, Subscriber, Task
from tests.cast import Cast

from .talk import changes, facts, group_of, message, say

PAGE = (
    b"<title>Plain</title><meta property='og:title' content='The  lane'><meta name=description content='Old houses.'>"
)


class Web:
    """Stands where the guarded client stands, and answers without a network."""

    def __init__(self, pages: dict[str, bytes], *, slow: Collection[str] = ()) -> None:
        self.pages = pages
        self.slow = slow
        self.go_on = asyncio.Event()
        self.asked: list[str] = []
        self.at_once = self.at_once_max = 0

    async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        self.asked.append(url)
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
        await (self.go_on.wait() if url in self.slow else asyncio.sleep(0.01))
        self.at_once -= 1
        if url not in self.pages:
            raise CannotFetch(f"{url} answers 404")
        return Fetched(url, "text/html; charset=utf-8", self.pages[url])


def _subscriber(house: House, web: Web, *, at_once_max: int = 4) -> Subscriber:
    return link_previews(house.database, taken_as("GuardedClient", web), at_once_max=at_once_max, clock=house.clock)


async def _tasks(database: Database) -> list[Task]:
    found = await facts(database, "LinksSent")
    return [
        Task("chat-link-previews", number, "chat.LinksSent", msgspec.json.encode(fact), 1)
        for number, fact in enumerate(found, start=1)
    ]


async def test_links_in_texts_and_as_segments_are_previewed(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    link = {"type": "link", "url": "http://b.example/?q=1"}
    seq = await say(cast.alice, chat, "see https://a.example/x，and", link)
    await say(cast.alice, chat, "no link: http:// or a.example")
    web = Web({"https://a.example/x": PAGE, "http://b.example/?q=1": b"<title>B</title>"})

    (task,) = await _tasks(house.database)
    await _subscriber(house, web).handle(task)

    previews = [
        {"url": "https://a.example/x", "title": "The lane", "text": "Old houses."},
        {"url": "http://b.example/?q=1", "title": "B", "text": ""},
    ]
    assert (await message(cast.bob, chat, seq))["previews"] == previews
    assert await changes(cast.bob, chat, "previewed") == [{"seq": seq, "previews": previews}]
    async with house.database.transaction() as session:
        assert await session.get(HandledFact, (task.fact_id, task.subscriber)) is not None


async def test_doing_it_again_changes_nothing_and_asks_nobody(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    for _ in range(2):
        await say(cast.alice, chat, "https://a.example/")
    web = Web({"https://a.example/": PAGE})
    subscriber = _subscriber(house, web)
    tasks = await _tasks(house.database)

    for task in [*tasks, *tasks]:
        await subscriber.handle(task)

    assert web.asked == ["https://a.example/"]
    assert len(await changes(cast.bob, chat, "previewed")) == 2


def _about(*tasks: Task) -> Task:
    """One task for the messages of several, as the writer makes it of a batch."""
    messages = [sent for task in tasks for sent in task.read(LinksSent).messages]
    return replace(tasks[0], payload=msgspec.json.encode(LinksSent(messages=messages)))


async def _previewed(house: House) -> int:
    async with house.database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Preview)) or 0


async def test_a_slow_page_holds_up_no_other(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    links = [f"https://{number}.example/" for number in range(12)]
    for link in links:
        await say(cast.alice, chat, link)
    web = Web(dict.fromkeys(links, PAGE), slow=links[:1])

    handling = asyncio.ensure_future(_subscriber(house, web).handle(_about(*await _tasks(house.database))))
    for _ in range(2_000):
        if await _previewed(house) == 11:
            break
        await asyncio.sleep(0.01)
    assert await _previewed(house) == 11
    assert not handling.done()
    web.go_on.set()
    await handling

    assert await _previewed(house) == 12
    assert web.at_once_max == 4
    assert sorted(web.asked) == sorted(links)


async def test_what_a_task_had_no_time_for_is_done_when_it_comes_again(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    links = ["https://quick.example/", "https://slow.example/"]
    seqs = [await say(cast.alice, chat, link) for link in [*links, links[1]]]
    web = Web(dict.fromkeys(links, PAGE), slow=links[1:])
    subscriber, task = _subscriber(house, web), _about(*await _tasks(house.database))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await subscriber.handle(task)
    assert await _previewed(house) == 1

    web.go_on.set()
    await subscriber.handle(task)

    # Each page was asked for once, and each message was told of once.
    assert web.asked == links
    told = [change["seq"] for change in await changes(cast.bob, chat, "previewed")]
    assert sorted(told) == seqs
    assert told[0] == seqs[0]


async def test_what_goes_wrong_with_one_message_is_tried_again_and_the_others_have_theirs(
    cast: Cast, house: House
) -> None:
    chat = await group_of(cast, house.database)
    links = [f"https://{number}.example/" for number in range(3)]
    seqs = [await say(cast.alice, chat, link) for link in links]

    class Tripping(Web):
        async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
            if url == links[1] and url not in self.asked:
                self.asked.append(url)
                raise RuntimeError("tripped")
            return await super().get(url, accept=accept)

    subscriber = _subscriber(house, Tripping(dict.fromkeys(links, PAGE)))
    task = _about(*await _tasks(house.database))
    with pytest.raises(RuntimeError, match="tripped"):
        await subscriber.handle(task)
    assert await _previewed(house) == 2
    async with house.database.transaction() as session:
        assert await session.get(HandledFact, (task.fact_id, task.subscriber)) is None

    await subscriber.handle(task)

    assert {change["seq"] for change in await changes(cast.bob, chat, "previewed")} == set(seqs)
    assert await _previewed(house) == 3


async def test_what_cannot_be_fetched_or_says_nothing_has_no_preview(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    seq = await say(cast.alice, chat, "https://a.example/ https://b.example/")
    (task,) = await _tasks(house.database)
    await _subscriber(house, Web({"https://b.example/": b"<p>nothing</p>"})).handle(task)
    assert "previews" not in await message(cast.bob, chat, seq)
    assert await changes(cast.bob, chat, "previewed") == []


async def test_a_recalled_message_gets_none_and_loses_those_it_has(cast: Cast, house: House) -> None:
    chat = await group_of(cast, house.database)
    seqs = [await say(cast.alice, chat, "https://a.example/") for _ in range(2)]
    tasks = await _tasks(house.database)
    subscriber = _subscriber(house, Web({"https://a.example/": PAGE}))
    await subscriber.handle(tasks[0])
    for seq in seqs:
        await cast.alice.http.put(f"chats/{chat}/messages/{seq}/recall")
    await subscriber.handle(tasks[1])
    for seq in seqs:
        assert "previews" not in await message(cast.bob, chat, seq)


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("text/html", b"<html><head><title> A\n &amp; B </title>", PageText("A & B", "")),
        ("text/html; charset=gb2312", "<title>胡同</title>".encode("gb18030"), PageText("胡同", "")),
        ("text/html", b"<meta charset=gbk>" + "<title>胡同</title>".encode("gbk"), PageText("胡同", "")),
        ("text/html; charset=nonsense", "<title>胡同</title>".encode(), PageText("胡同", "")),
        ("TEXT/HTML", b"<title>" + b"x" * 500 + b"</title>", PageText("x" * 119 + "…", "")),
        ("text/html", b"<body><title>in the body</title>", None),
        ("text/html", b"<meta property='og:title' content=' '>", None),
        ("image/png", PAGE, None),
        ("text/html", b"<title>\xff\xfe</title>", PageText("��", "")),
    ],
)
def test_what_a_page_says_of_itself(content_type: str, body: bytes, said: PageText | None) -> None:
    assert read_page(content_type, body) == said
