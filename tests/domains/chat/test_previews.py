"""Previews of links: what a page says of itself, fetched once, kept beside the message and told."""

from typing import cast as taken_as

import msgspec
import pytest

from hutong.api import House
from hutong.domains.chat.jobs import link_previews
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

    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def get(self, url: str, *, accept: str = "*/*") -> Fetched:
        self.asked.append(url)
        if url not in self.pages:
            raise CannotFetch(f"{url} answers 404")
        return Fetched(url, "text/html; charset=utf-8", self.pages[url])


def _subscriber(house: House, web: Web) -> Subscriber:
    return link_previews(house.database, taken_as("GuardedClient", web), clock=house.clock)


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
