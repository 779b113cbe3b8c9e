"""Calls of a bot's program, answered as the Bot API answers them."""

import asyncio
from typing import Any

import msgspec
import pytest

from hutong.api import House
from hutong.settings import Settings
from tests.cast import Cast
from tests.files import png, send_file

from .conftest import Program, TellBots, grant, result_of, said, say


async def test_the_token_says_who_it_is(program: Program) -> None:
    me = await program.ask("getMe")
    assert me["id"] == program.number == int(program.token.split(":")[0])
    assert (me["is_bot"], me["first_name"], me["username"]) == (True, "Librarian", "librarian_bot")
    assert me["can_read_all_group_messages"] is False
    assert await program.ask("GETME") == me


@pytest.mark.parametrize("token", ["", "1:x", "10001", "10005.wrong", "x" * 500])
async def test_a_token_that_is_not_good_is_unauthorized(program: Program, token: str) -> None:
    answer = await program.http.post(f"/bridges/telegram/bot{token}/getMe")
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert answer.status_code == 401


async def test_a_persons_token_is_no_bots(program: Program, cast: Cast) -> None:
    answer = await program.http.post(f"/bridges/telegram/bot{cast.alice.token.replace('.', ':', 1)}/getMe")
    assert answer.status_code == 401


async def test_what_is_not_there_is_a_bad_request_and_never_404(program: Program) -> None:
    assert await program.refusal("sendInvoice") == (400, "Bad Request: method not supported")
    assert await program.refusal("sendMessage", chat_id=-99, text="x") == (
        403,
        "Forbidden: bot is not a member of the supergroup chat",
    )
    assert await program.refusal("sendMessage", chat_id=987654321, text="x") == (400, "Bad Request: chat not found")
    assert await program.refusal("sendMessage", text="x") == (400, "Bad Request: chat_id is empty")


async def test_every_way_of_writing_parameters_is_read(program: Program, chat: int, cast: Cast) -> None:
    path, http = program.path("sendMessage"), program.http
    markup: dict[str, Any] = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes", "hide": False}]]}
    as_text = {"chat_id": str(-chat), "text": "Hello", "reply_markup": msgspec.json.encode(markup).decode()}
    answers = [
        await http.post(path, json={"chat_id": -chat, "text": "Hello", "reply_markup": markup}),
        await http.post(path, data=as_text),
        await http.post(path, files={name: (None, value) for name, value in as_text.items()}),
        await http.get(path, params=as_text),
        await http.post(path, params=as_text),
    ]
    results = [result_of(answer) for answer in answers]
    assert [one["message_id"] for one in results] == [1, 2, 3, 4, 5]
    for one in results:
        assert one["text"] == "Hello"
        assert one["chat"] == {"id": -chat, "type": "supergroup", "title": "Readers"}
        assert one["reply_markup"] == {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
        assert await said(cast.bob.http, chat, one["message_id"]) == [
            {"type": "text", "text": "Hello"},
            {"type": "buttons", "rows": [[{"label": "Yes", "data": "yes"}]]},
        ]


async def test_marks_become_ours_and_come_back(program: Program, chat: int, cast: Cast) -> None:
    sent = await program.ask("sendMessage", chat_id=-chat, text="<b>Bold</b> &amp; <i>thin</i> 😀", parse_mode="HTML")
    assert sent["text"] == "Bold & thin 😀"
    assert [(one["type"], one["offset"], one["length"]) for one in sent["entities"]] == [
        ("bold", 0, 4),
        ("italic", 7, 4),
    ]
    assert await said(cast.bob.http, chat, sent["message_id"]) == [
        {"type": "markdown", "text": "**Bold** \\& *thin* 😀"}
    ]


async def test_a_person_who_is_named_is_called(program: Program, chat: int, cast: Cast) -> None:
    text = f'Hello <a href="tg://user?id={cast.bob.number}">Bob</a>!'
    sent = await program.ask("sendMessage", chat_id=-chat, text=text, parse_mode="HTML")
    assert await said(cast.bob.http, chat, sent["message_id"]) == [
        {"type": "text", "text": "Hello "},
        {"type": "mention", "number": cast.bob.number, "name": "Bob"},
        {"type": "text", "text": "!"},
    ]


async def test_a_bot_hears_confirms_and_hears_no_more_of_it(
    program: Program, chat: int, cast: Cast, tell_bots: TellBots
) -> None:
    await say(cast.bob.http, chat, "/start now")
    await say(cast.alice.http, chat, "Second")
    await tell_bots()
    first, second = await program.updates(timeout=0)
    message = first["message"]
    assert message["text"] == "/start now"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"] == {"id": cast.bob.number, "is_bot": False, "first_name": "Bob"}
    assert message["chat"] == {"id": -chat, "type": "supergroup", "title": "Readers"}
    assert second["update_id"] > first["update_id"]

    assert await program.updates(limit=1) == [first]
    assert await program.updates(offset=second["update_id"]) == [second]
    assert await program.updates() == [second]
    assert await program.updates(offset=second["update_id"] + 1) == []
    assert await program.updates() == []


async def test_a_negative_offset_counts_from_the_end(
    program: Program, chat: int, cast: Cast, tell_bots: TellBots
) -> None:
    for text in ("1", "2", "3"):
        await say(cast.bob.http, chat, text)
    await tell_bots()
    assert [one["message"]["text"] for one in await program.updates(offset=-1)] == ["3"]
    assert [one["message"]["text"] for one in await program.updates()] == ["3"]


async def test_a_bot_that_waits_is_served_when_something_is_said(
    program: Program, chat: int, cast: Cast, tell_bots: TellBots, house: House
) -> None:
    house.database.say = house.bus.say_here
    waiting = asyncio.create_task(program.updates(timeout=50))
    await waits(house, f"bot.{program.number}")
    await say(cast.bob.http, chat, "At last")
    await tell_bots()
    (update,) = await waiting
    assert update["message"]["text"] == "At last"


async def waits(house: House, subject: str) -> None:
    """Returns when somebody listens for it."""
    while not house.bus.followings(subject):  # noqa: ASYNC110 - the bus tells nobody that somebody listens
        await asyncio.sleep(0.01)


async def test_a_bot_whose_token_is_revoked_waits_no_longer(program: Program, cast: Cast, house: House) -> None:
    house.database.say = house.bus.say_here
    waiting = asyncio.create_task(program.http.post(program.path("getUpdates"), json={"timeout": 50}))
    await waits(house, f"bot.{program.number}")
    (await cast.alice.http.delete(f"apps/{program.app}/bots/{program.number}/tokens")).raise_for_status()
    assert (await waiting).json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_of_two_that_wait_the_last_is_served(program: Program, chat: int, house: House) -> None:
    first = asyncio.create_task(program.http.post(program.path("getUpdates"), json={"timeout": 50}))
    await waits(house, f"telegram.{program.number}")
    assert await program.updates(timeout=0) == []
    refused = (await first).json()
    assert refused["error_code"] == 409
    assert refused["description"].startswith("Conflict: terminated by other getUpdates request")


async def test_who_comes_and_goes_is_told_twice(program: Program, chat: int, cast: Cast, tell_bots: TellBots) -> None:
    await program.updates(allowed_updates=["message", "chat_member"])
    (await cast.chen.http.put(f"groups/{chat}/members/me")).raise_for_status()
    (await cast.alice.http.delete(f"groups/{chat}/members/{cast.chen.number}")).raise_for_status()
    await tell_bots()
    joined, welcomed, removed, gone = await program.updates()
    assert joined["chat_member"]["new_chat_member"]["status"] == "member"
    assert [one["id"] for one in welcomed["message"]["new_chat_members"]] == [cast.chen.number]
    assert removed["chat_member"]["new_chat_member"]["status"] == "kicked"
    assert removed["chat_member"]["from"]["id"] == cast.alice.number
    assert gone["message"]["left_chat_member"]["id"] == cast.chen.number
    assert await program.updates(offset=welcomed["update_id"]) == [welcomed, removed, gone]


async def test_a_bot_is_told_that_it_is_out(program: Program, chat: int, cast: Cast, tell_bots: TellBots) -> None:
    (await cast.alice.http.delete(f"groups/{chat}/bots/{program.number}")).raise_for_status()
    await tell_bots()
    (update,) = await program.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert (await program.refusal("sendMessage", chat_id=-chat, text="x"))[0] == 403


async def test_a_button_is_pressed_answered_and_the_message_changed(
    program: Program, chat: int, cast: Cast, tell_bots: TellBots
) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "vote:yes"}]]}
    sent = await program.ask("sendMessage", chat_id=-chat, text="Vote", reply_markup=markup)
    seq = sent["message_id"]
    press = {"key": "k1", "button": "vote:yes"}
    (await cast.bob.http.post(f"chats/{chat}/messages/{seq}/presses", json=press)).raise_for_status()
    await tell_bots()
    (update,) = await program.updates()
    query = update["callback_query"]
    assert query["data"] == "vote:yes"
    assert query["from"]["id"] == cast.bob.number
    assert query["message"]["message_id"] == seq
    assert query["message"]["reply_markup"] == markup

    assert await program.ask("answerCallbackQuery", callback_query_id=query["id"], text="Thanks") is True
    too_late = await program.refusal("answerCallbackQuery", callback_query_id=query["id"])
    assert too_late[1].startswith("Bad Request: query is too old")
    edited = await program.ask("editMessageText", chat_id=-chat, message_id=seq, text="*Done*", parse_mode="Markdown")
    assert (edited["text"], "reply_markup" in edited, "edit_date" in edited) == ("Done", False, True)
    assert await said(cast.bob.http, chat, seq) == [{"type": "markdown", "text": "**Done**"}]
    again = await program.refusal(
        "editMessageText", chat_id=-chat, message_id=seq, text="*Done*", parse_mode="Markdown"
    )
    assert again[1].startswith("Bad Request: message is not modified")


async def test_buttons_change_alone(program: Program, chat: int, cast: Cast) -> None:
    sent = await program.ask("sendMessage", chat_id=-chat, text="Pick")
    markup = {"inline_keyboard": [[{"text": "Site", "url": "https://example.org"}]]}
    edited = await program.ask(
        "editMessageReplyMarkup", chat_id=-chat, message_id=sent["message_id"], reply_markup=markup
    )
    assert (edited["text"], edited["reply_markup"]) == ("Pick", markup)


async def test_a_page_of_its_mini_app_opens_as_such(program: Program, chat: int, cast: Cast) -> None:
    mini = {"mini_app": "https://shelf.example/app/"}
    (await cast.alice.http.patch(f"apps/{program.app}", json=mini)).raise_for_status()
    pages = ["https://shelf.example/app/book", "https://elsewhere.example/"]
    markup = {"inline_keyboard": [[{"text": "Open", "web_app": {"url": page}} for page in pages]]}
    sent = await program.ask("sendMessage", chat_id=-chat, text="Read", reply_markup=markup)
    (_, buttons) = await said(cast.bob.http, chat, sent["message_id"])
    here, elsewhere = (button["link"] for button in buttons["rows"][0])
    assert here.endswith(f"/chats/{chat}/apps/{program.app}?page=book")
    assert here.startswith("http")
    assert elsewhere == pages[1]


async def test_a_picture_goes_up_and_comes_down(program: Program, chat: int, cast: Cast) -> None:
    picture = png(64, 48)
    answer = await program.http.post(
        program.path("sendPhoto"),
        data={"chat_id": str(-chat), "caption": "<b>Look</b>", "parse_mode": "HTML"},
        files={"photo": ("a.png", picture, "image/png")},
    )
    sent = result_of(answer)
    assert [(one["width"], one["height"]) for one in sent["photo"]] == [(64, 48)] * 3
    assert sent["caption"] == "Look"
    (part, words) = await said(cast.bob.http, chat, sent["message_id"])
    assert (part["type"], part["width"], words["text"]) == ("image", 64, "**Look**")

    found = await program.ask("getFile", file_id=sent["photo"][-1]["file_id"])
    assert found["file_unique_id"] == sent["photo"][-1]["file_unique_id"]
    path = f"/bridges/telegram/file/bot{program.token}/{found['file_path']}"
    down = await program.http.get(path)
    assert (down.status_code, len(down.content), down.headers["content-type"]) == (200, found["file_size"], "image/png")
    assert (await program.http.get(path.replace(program.token, "1:x"))).status_code == 401

    again = await program.ask("sendPhoto", chat_id=-chat, photo=sent["photo"][-1]["file_id"])
    assert len(again["photo"]) == 3


class TestWithSmallFiles:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        limits = msgspec.structs.replace(settings.limits, bridge_file_bytes_max=1_000)
        return msgspec.structs.replace(settings, limits=limits)

    async def test_a_received_file_is_not_read_that_is_too_large_to_be_sent_on(
        self, program: Program, chat: int, cast: Cast
    ) -> None:
        media = await send_file(cast.bob.http, b"x" * 1_001)
        seq = await say(cast.bob.http, chat, {"type": "file", "media": media})

        named = await program.refusal("sendDocument", chat_id=-chat, document=f"f{chat}_{media}")
        copied = await program.refusal("copyMessage", chat_id=-chat, from_chat_id=-chat, message_id=seq)

        assert named == copied
        assert "it has more than 1000 bytes" in named[1]


async def test_a_file_may_come_in_another_part(program: Program, chat: int, cast: Cast) -> None:
    media = [
        {"type": "photo", "media": "attach://one", "caption": "First"},
        {"type": "document", "media": "attach://two"},
    ]
    answer = await program.http.post(
        program.path("sendMediaGroup"),
        data={"chat_id": str(-chat), "media": msgspec.json.encode(media).decode()},
        files={"one": ("a.png", png(8, 8)), "two": ("notes.txt", b"Some notes")},
    )
    first, second = result_of(answer)
    assert first["caption"] == "First"
    assert second["document"]["file_name"] == "notes.txt"
    assert first["media_group_id"] == second["media_group_id"]


async def test_members_are_told_with_what_they_are(program: Program, chat: int, cast: Cast) -> None:
    async def status(number: int) -> Any:
        return (await program.ask("getChatMember", chat_id=-chat, user_id=number))["status"]

    assert await status(cast.alice.number) == "creator"
    assert await status(cast.bob.number) == "member"
    assert await status(program.number) == "member"
    assert await status(cast.chen.number) == "left"
    assert await program.ask("getChatMemberCount", chat_id=-chat) == 3
    admins = await program.ask("getChatAdministrators", chat_id=-chat)
    assert [one["user"]["id"] for one in admins] == [cast.alice.number]
    assert (await program.ask("getChat", chat_id=-chat))["title"] == "Readers"
    refused = await program.refusal("getChatMember", chat_id=-chat, user_id=987654321)
    assert refused == (400, "Bad Request: user not found")


async def test_who_talks_too_much_is_silenced(program: Program, chat: int, cast: Cast) -> None:
    refused = await program.refusal("restrictChatMember", chat_id=-chat, user_id=cast.bob.number, permissions={})
    assert refused == (400, "Bad Request: not enough rights to restrict/unrestrict chat member")
    path = f"groups/{chat}/members/{program.number}"
    (await cast.alice.http.patch(path, json={"role": "admin"})).raise_for_status()
    assert await program.ask("restrictChatMember", chat_id=-chat, user_id=cast.bob.number, permissions={})
    member = await program.ask("getChatMember", chat_id=-chat, user_id=cast.bob.number)
    assert (member["status"], member["can_send_messages"]) == ("restricted", False)
    free = {"can_send_messages": True}
    assert await program.ask("restrictChatMember", chat_id=-chat, user_id=cast.bob.number, permissions=free)
    assert await program.ask("banChatMember", chat_id=-chat, user_id=cast.bob.number)
    member = await program.ask("getChatMember", chat_id=-chat, user_id=cast.bob.number)
    assert member["status"] == "left"
    assert await program.ask("unbanChatMember", chat_id=-chat, user_id=cast.bob.number, only_if_banned=True)


async def test_a_missing_scope_is_forbidden(program: Program, chat: int, cast: Cast) -> None:
    await grant(cast, chat, program, "read_all")
    refused = await program.refusal("sendMessage", chat_id=-chat, text="x")
    assert refused == (403, "Forbidden: this bot was not granted the scope send here")
    assert (await program.refusal("getChatMember", chat_id=-chat, user_id=cast.bob.number))[0] == 403


async def test_commands_are_ours(program: Program, chat: int, cast: Cast) -> None:
    commands = [{"command": "help", "description": "What I can do"}]
    assert await program.ask("setMyCommands", commands=commands) is True
    assert await program.ask("getMyCommands") == commands
    found = (await cast.bob.http.get(f"chats/{chat}/commands")).raise_for_status().json()
    assert [(one["name"], one["about"], one["bot"]) for one in found] == [("help", "What I can do", program.number)]
    other = [{"command": "hilfe", "description": "Was ich kann"}]
    assert await program.ask("setMyCommands", commands=other, language_code="de") is True
    assert await program.ask("getMyCommands") == commands
    assert await program.ask("deleteMyCommands") is True
    assert await program.ask("getMyCommands") == []


async def test_a_conversation_of_two_has_the_persons_number(program: Program, cast: Cast, tell_bots: TellBots) -> None:
    (await cast.alice.http.put(f"apps/{program.app}/testers/{cast.bob.number}")).raise_for_status()
    direct = (await cast.bob.http.post("directs", json={"number": program.number})).raise_for_status().json()["chat"]
    await tell_bots()
    await say(cast.bob.http, direct, "Hello, bot")
    await tell_bots()
    opened, update = await program.updates()
    assert opened["my_chat_member"]["from"]["id"] == cast.bob.number
    assert update["message"]["chat"] == {"id": cast.bob.number, "type": "private", "first_name": "Bob"}
    reply = {"message_id": update["message"]["message_id"]}
    sent = await program.ask("sendMessage", chat_id=cast.bob.number, text="Hello, Bob", reply_parameters=reply)
    assert sent["reply_to_message"]["text"] == "Hello, bot"
    assert [part["type"] for part in await said(cast.bob.http, direct, sent["message_id"])] == ["reply", "text"]


async def test_what_was_said_is_taken_back_pinned_and_forwarded(program: Program, chat: int, cast: Cast) -> None:
    sent = await program.ask("sendMessage", chat_id=-chat, text="Once")
    seq = sent["message_id"]
    again = await program.ask("forwardMessage", chat_id=-chat, from_chat_id=-chat, message_id=seq)
    assert again["text"] == "Once"
    copied = await program.ask("copyMessage", chat_id=-chat, from_chat_id=-chat, message_id=seq)
    assert copied == {"message_id": 3}
    assert await program.ask("deleteMessage", chat_id=-chat, message_id=seq) is True
    assert (await cast.bob.http.get(f"chats/{chat}/messages/{seq}")).json()["recalled"] is True
    refused = await program.refusal("deleteMessage", chat_id=-chat, message_id=99)
    assert refused == (400, "Bad Request: message to delete not found")
    refused = await program.refusal("sendMessage", chat_id=-chat, text="x", reply_to_message_id=99)
    assert refused == (400, "Bad Request: message to be replied not found")


async def test_a_member_is_called_by_their_handle(program: Program, chat: int, cast: Cast) -> None:
    text = "@bob and @chen, see `@bob`"
    sent = await program.ask("sendMessage", chat_id=-chat, text=text, parse_mode="Markdown")
    parts = await said(cast.bob.http, chat, sent["message_id"])
    assert parts == [
        {"type": "markdown", "text": "@bob and @chen, see `@bob`"},
        {"type": "mention", "number": cast.bob.number, "name": "bob"},
    ]
    sent = await program.ask("sendMessage", chat_id=-chat, text="Hello @bob")
    assert [part["type"] for part in await said(cast.bob.http, chat, sent["message_id"])] == ["text", "mention"]
