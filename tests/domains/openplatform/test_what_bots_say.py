"""What bots alone may say, and that they change it: markup, cards, forms, buttons."""

from typing import Any

import httpx
import pytest

from hutong.api import House
from hutong.domains.chat.actions.previews import keep_previews
from hutong.domains.chat.schemas import PreviewView
from hutong.domains.openplatform.jobs import empty_recalled
from tests.cast import Cast
from tests.conftest import HandClock
from tests.domains.chat.talk import changes, direct, facts, message, refused, try_to_say
from tests.files import png, send_file

from .conftest import Robot, TellBots, install, say

MARKDOWN: dict[str, Any] = {"type": "markdown", "text": "**Bold** words"}
BUTTONS: dict[str, Any] = {
    "type": "buttons",
    "rows": [
        [{"label": "Yes", "data": "vote:yes", "style": "primary"}, {"label": "Site", "link": "https://a.example"}]
    ],
}
FORM: dict[str, Any] = {
    "type": "form",
    "title": "Order",
    "data": "order",
    "fields": [{"name": "size", "label": "Size", "kind": "choice", "choices": ["S", "M"], "required": True}],
}
CARD: dict[str, Any] = {"type": "card", "title": "Weather", "fields": [{"label": "Today", "value": "17 °C"}]}


async def edit(robot: Robot, chat: int, seq: int, *segments: dict[str, Any] | str) -> httpx.Response:
    body = [{"type": "text", "text": part} if isinstance(part, str) else part for part in segments]
    return await robot.http.patch(f"chats/{chat}/messages/{seq}", json={"segments": body})


@pytest.fixture
async def here(cast: Cast, robot: Robot, chat: int) -> int:
    """Alice's group, in which the bot may speak."""
    await install(cast.alice, chat, robot, "send", "read_all")
    return chat


async def test_what_a_bot_says_comes_as_it_was_said(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, MARKDOWN, CARD, FORM, BUTTONS)
    assert (await message(cast.bob, here, seq))["segments"] == [MARKDOWN, CARD, FORM, BUTTONS]


@pytest.mark.parametrize("part", [MARKDOWN, CARD, FORM, BUTTONS, {"type": "markdown"}])
async def test_people_are_told_that_only_bots_say_this(cast: Cast, chat: int, part: dict[str, Any]) -> None:
    answer = await try_to_say(cast.alice, chat, "Look:", part)
    assert refused(answer) == (403, "chat.only_bots_say")
    assert answer.json()["detail"] == f"Only bots can send a part of the type {part['type']}."


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([BUTTONS], ""),
        ([MARKDOWN, BUTTONS, BUTTONS], "one set of buttons"),
        ([MARKDOWN, {"type": "buttons", "rows": [[{"label": "Neither"}]]}], "needs one of data, link and command"),
        (
            [MARKDOWN, {"type": "buttons", "rows": [[{"label": "A", "data": "a", "link": "https://a.example"}]]}],
            "one of",
        ),
        ([MARKDOWN, {"type": "buttons", "rows": [[{"label": "A", "link": "javascript:alert(1)"}]]}], "buttons"),
        ([MARKDOWN, {"type": "buttons", "rows": [[{"label": "A", "data": "a"}] * 9]}], "buttons"),
        ([{"type": "card", "title": "\u202e"}], "nothing in it"),
        ([{**FORM, "fields": FORM["fields"] * 2}], "one name"),
        ([{**FORM, "fields": [{"name": "a", "label": "A", "kind": "choice"}]}], "choices"),
        ([{**FORM, "fields": [{"name": "a", "label": "A", "kind": "date", "min": "soon"}]}], "no date"),
        ([{**FORM, "fields": [{"name": "a", "label": "A", "kind": "number", "min": "1"}]}], "suit its kind"),
    ],
)
async def test_what_makes_no_sense_is_refused(robot: Robot, here: int, parts: list[Any], reason: str) -> None:
    answer = await robot.http.post(f"chats/{here}/messages", json={"key": "k", "segments": parts})
    assert answer.status_code == 400
    assert reason in answer.json()["detail"]


async def test_the_picture_of_a_card_is_there_for_those_who_see_it(cast: Cast, robot: Robot, here: int) -> None:
    media = await send_file(robot.http, png())
    seq = await say(robot.http, here, {**CARD, "media": media})
    card = (await message(cast.bob, here, seq))["segments"][0]
    assert (card["width"], card["height"]) == (40, 30)
    assert (await cast.bob.http.get(f"chats/{here}/media/{media}/small")).status_code == 200
    assert (await cast.chen.http.get(f"chats/{here}/media/{media}/small")).status_code == 404


async def test_somebody_who_forwards_a_bot_presses_nothing_there_and_speaks_plainly(
    cast: Cast, robot: Robot, here: int
) -> None:
    seq = await say(robot.http, here, MARKDOWN, FORM, BUTTONS)
    other = await direct(cast.bob, cast.mo)
    merged = await say(cast.bob.http, other, {"type": "forward", "chat": here, "seqs": [seq]})
    single = await say(cast.bob.http, other, {"type": "forward", "chat": here, "seqs": [seq], "merged": False})

    items = (await message(cast.mo, other, merged))["segments"][0]["items"]
    assert items[0]["segments"] == [MARKDOWN, {"type": "text", "text": "Order"}]
    said = (await message(cast.mo, other, single))["segments"]
    assert said == [{"type": "text", "text": "**Bold** words"}, {"type": "text", "text": "Order"}]


async def test_an_edit_changes_the_message_for_everybody(cast: Cast, robot: Robot, here: int, clock: HandClock) -> None:
    seq = await say(robot.http, here, "Counting …")
    clock.advance(seconds=5)
    assert (await edit(robot, here, seq, "Three.", BUTTONS)).status_code == 204

    seen = await message(cast.bob, here, seq)
    assert seen["segments"] == [{"type": "text", "text": "Three."}, BUTTONS]
    assert seen["edited_at"] == "2026-11-23T06:00:05.000Z"
    (told,) = await changes(cast.bob, here, "edited")
    assert (told["seq"], told["sender"], told["segments"]) == (seq, robot.number, seen["segments"])
    row = (await cast.bob.http.get("chats")).json()["items"][0]
    assert row["last_message"]["edited_at"] == seen["edited_at"]


async def test_the_same_again_is_no_edit(cast: Cast, robot: Robot, here: int) -> None:
    seq = await say(robot.http, here, "Three.")
    assert (await edit(robot, here, seq, "Three.")).status_code == 204
    assert "edited_at" not in await message(cast.bob, here, seq)


async def test_nobody_edits_what_is_not_theirs_or_gone(cast: Cast, robot: Robot, here: int) -> None:
    own, bobs = await say(robot.http, here, "Mine."), await say(cast.bob.http, here, "Bob's.")
    assert refused(await edit(robot, here, bobs, "Ha!")) == (403, "chat.not_allowed")
    assert refused(await edit(robot, here, 99, "Ha!")) == (404, "chat.no_such_message")
    body = {"segments": [{"type": "text", "text": "Ha!"}]}
    asked = await cast.bob.http.patch(f"chats/{here}/messages/{bobs}", json=body)
    assert refused(asked) == (403, "chat.only_bots_edit")
    assert (await robot.http.put(f"chats/{here}/messages/{own}/recall")).status_code == 204
    assert refused(await edit(robot, here, own, "Still here.")) == (404, "chat.no_such_message")
    (await cast.alice.http.put(f"groups/{here}/bots/{robot.number}", json={"scopes": ["read_all"]})).raise_for_status()
    assert refused(await edit(robot, here, own, "Ha!")) == (403, "openplatform.scope_missing")


async def test_what_was_recalled_is_in_no_edit_any_more(
    cast: Cast, robot: Robot, here: int, tell_bots: TellBots, house: House, clock: HandClock
) -> None:
    other = await another_robot_in(cast, robot, here)
    seq = await say(robot.http, here, "One secret.")
    await edit(robot, here, seq, "Another secret.")
    await tell_bots()
    assert [event["on"] for event in await other.heard()] == ["message", "edited"]
    assert await robot.heard() == []
    (await robot.http.put(f"chats/{here}/messages/{seq}/recall")).raise_for_status()
    await tell_bots()

    told = (await cast.bob.http.get(f"chats/{here}/changes")).text
    assert "secret" not in told
    clock.advance(seconds=house.settings.limits.recalled_seen_by_bots_s)
    await empty_recalled(house.database, clock=clock)
    assert "secret" not in str(await other.heard())


async def another_robot_in(cast: Cast, robot: Robot, chat: int) -> Robot:
    """A second bot of the same app, that reads everything."""
    card = (await cast.alice.http.post(f"apps/{robot.app}/bots", json={"nickname": "Reader"})).raise_for_status().json()
    path = f"apps/{robot.app}/bots/{card['number']}/tokens"
    token = (await cast.alice.http.post(path, json={})).raise_for_status().json()["token"]
    http = httpx.AsyncClient(
        transport=robot.http._transport, base_url=robot.http.base_url, headers={"authorization": f"Bearer {token}"}
    )
    other = Robot(robot.app, card["number"], token, http)
    await install(cast.alice, chat, other, "read_all")
    return other


async def test_an_edit_calls_nobody_and_takes_no_call_back(cast: Cast, robot: Robot, here: int) -> None:
    call_bob = {"type": "mention", "number": cast.bob.number, "name": "Bob"}
    called, quiet = await say(robot.http, here, call_bob, "Hello."), await say(robot.http, here, "Hello, all.")
    await edit(robot, here, called, "Never mind.")
    await edit(robot, here, quiet, call_bob, "and you?")

    assert (await cast.bob.http.get(f"chats/{here}")).json()["mentions"] == 1
    assert (await message(cast.bob, here, called))["mentions"] == [cast.bob.number]
    assert (await message(cast.bob, here, quiet))["mentions"] == []
    everybody = await edit(robot, here, quiet, {"type": "mention", "all": True})
    assert refused(everybody) == (403, "chat.mention_all_denied")


async def test_the_files_of_an_edited_message_are_those_that_it_has_now(cast: Cast, robot: Robot, here: int) -> None:
    first, second = await send_file(robot.http, png()), await send_file(robot.http, png())
    seq = await say(robot.http, here, {"type": "image", "media": first})
    assert (await edit(robot, here, seq, {"type": "image", "media": second})).status_code == 204

    answers = [await cast.bob.http.get(f"chats/{here}/media/{media}/original") for media in (first, second)]
    assert [answer.status_code for answer in answers] == [404, 200]
    bobs = await send_file(cast.bob.http, png())
    stolen = await edit(robot, here, seq, {"type": "image", "media": bobs})
    assert refused(stolen) == (404, "media.no_such_media")


async def test_previews_go_with_the_links_and_stay_with_them(cast: Cast, robot: Robot, here: int, house: House) -> None:
    async def preview(seq: int, url: str) -> None:
        async with house.database.transaction() as session:
            await keep_previews(session, here, seq, [PreviewView(url, "Title", "")], clock=house.clock)

    seq = await say(robot.http, here, "See https://a.example/1")
    await preview(seq, "https://a.example/1")
    await edit(robot, here, seq, "See this: https://a.example/1")
    assert len((await message(cast.bob, here, seq))["previews"]) == 1
    before = len(await facts(house.database, "LinksSent"))
    await edit(robot, here, seq, "See https://a.example/2")
    await preview(seq, "https://a.example/1")

    assert "previews" not in await message(cast.bob, here, seq)
    assert len(await facts(house.database, "LinksSent")) == before + 1
    assert [told["previews"] != [] for told in await changes(cast.bob, here, "edited")] == [True, False]
