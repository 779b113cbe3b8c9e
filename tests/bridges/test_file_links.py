"""Files by links: a bot's program opens them without a word about who it is, as long as the bot may read them."""

import httpx
import pytest

from hutong.api import House
from hutong.bridges.files import FileLinks
from hutong.domains.openplatform import app_secret
from tests.cast import Cast
from tests.conftest import HandClock
from tests.domains.openplatform.conftest import Robot, install, say
from tests.files import png, send_file


@pytest.fixture
async def links(house: House, robot: Robot) -> FileLinks:
    async with house.database.transaction() as session:
        secret = await app_secret(session, robot.number)
    return FileLinks("http://hutong.test", robot.number, secret, good_for_s=3_600, clock=house.clock)


async def a_picture(cast: Cast, chat: int) -> tuple[int, str]:
    media = await send_file(cast.bob.http, png())
    return await say(cast.bob.http, chat, {"type": "image", "media": media}), media


async def test_a_link_opens_a_file_that_the_bot_may_read(
    client: httpx.AsyncClient, cast: Cast, robot: Robot, chat: int, links: FileLinks
) -> None:
    _, media = await a_picture(cast, chat)
    await install(cast.alice, chat, robot, "read_mentions")

    whole = await client.get(links.url(chat, media))
    small = await client.get(links.url(chat, media, "small"))
    head = await client.head(links.url(chat, media))

    assert (whole.status_code, whole.headers["content-type"], head.content) == (200, "image/png", b"")
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert whole.content.startswith(b"\x89PNG")


async def test_a_link_opens_nothing_that_the_bot_may_not_read(
    client: httpx.AsyncClient, cast: Cast, robot: Robot, chat: int, links: FileLinks
) -> None:
    seq, media = await a_picture(cast, chat)
    url = links.url(chat, media)
    statuses = [(await client.get(url)).status_code]
    await install(cast.alice, chat, robot, "send")
    statuses.append((await client.get(url)).status_code)
    await install(cast.alice, chat, robot, "read_all")
    statuses.append((await client.get(url)).status_code)
    (await cast.bob.http.put(f"chats/{chat}/messages/{seq}/recall")).raise_for_status()
    statuses.append((await client.get(url)).status_code)

    assert statuses == [404, 403, 200, 404]


async def test_a_link_opens_nothing_once_the_bot_is_gone(
    client: httpx.AsyncClient, cast: Cast, robot: Robot, chat: int, links: FileLinks
) -> None:
    _, media = await a_picture(cast, chat)
    await install(cast.alice, chat, robot, "read_all")
    (await cast.alice.http.delete(f"apps/{robot.app}/bots/{robot.number}")).raise_for_status()
    assert (await client.get(links.url(chat, media))).status_code == 404


async def test_a_link_is_good_for_a_while_and_as_it_was_made(
    client: httpx.AsyncClient, cast: Cast, robot: Robot, chat: int, links: FileLinks, clock: HandClock
) -> None:
    _, media = await a_picture(cast, chat)
    await install(cast.alice, chat, robot, "read_all")
    url = links.url(chat, media)
    forged = FileLinks("http://hutong.test", robot.number, b"0" * 32, good_for_s=3_600, clock=clock)

    assert (await client.get(forged.url(chat, media))).status_code == 404
    assert (await client.get(url[:-4])).status_code == 404
    clock.advance(seconds=3_590)
    assert (await client.get(url)).status_code == 200
    clock.advance(seconds=20)
    assert (await client.get(url)).status_code == 404
