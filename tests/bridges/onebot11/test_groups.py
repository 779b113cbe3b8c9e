"""What a bot does and learns in groups and between two; and what every bot hears of it."""

from base64 import b64encode

from hutong.bridges.onebot11.ids import message_id
from hutong.domains.chat import GroupPatch, change_group
from hutong.kit.actor import Actor

from .conftest import Wired, a_bot, install


async def test_who_is_in_the_group(wired: Wired) -> None:
    bot = await wired.call("/api")
    (await wired.bob.http.patch(f"groups/{wired.chat}/members/me", json={"card": "Bo"})).raise_for_status()
    info = {"group_id": wired.chat, "group_name": "Readers", "member_count": 3, "max_member_count": 2_000}
    assert await bot.do("get_group_info", group_id=wired.chat, no_cache="true") == info
    assert await bot.do("get_group_list") == [info]
    bob = await bot.do("get_group_member_info", group_id=wired.chat, user_id=str(wired.bob.number))
    assert (bob["nickname"], bob["card"], bob["role"], bob["title"]) == ("Bob", "Bo", "member", "")
    everybody = await bot.do("get_group_member_list", group_id=wired.chat)
    assert {(one["user_id"], one["role"]) for one in everybody} == {
        (wired.alice.number, "owner"),
        (wired.bob.number, "member"),
        (wired.bot.number, "member"),
    }
    assert await bot.do("get_stranger_info", user_id=wired.bob.number) == {
        "user_id": wired.bob.number,
        "nickname": "Bob",
        "sex": "unknown",
        "age": 0,
    }
    assert await bot.do("get_group_at_all_remain", group_id=wired.chat) == {"can_at_all": False}
    assert (await bot.do("get_version_info"))["protocol_version"] == "v11"
    assert await bot.do("can_send_image") == await bot.do("can_send_record") == {"yes": True}


async def test_order_is_kept_as_far_as_the_role_goes(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    about = {"group_id": wired.chat, "user_id": wired.bob.number}
    assert (await bot.ask("set_group_ban", **about))["retcode"] == 102
    await wired.promote(wired.bot)
    assert (await bot.hears(notice_type="group_admin"))["sub_type"] == "set"

    await bot.do("set_group_ban", **about, duration="600")
    banned = await bot.hears(notice_type="group_ban", sub_type="ban")
    assert (banned["duration"], banned["operator_id"], banned["user_id"]) == (600, wired.bot.number, wired.bob.number)
    await bot.do("set_group_ban", **about, duration=0)
    assert (await bot.hears(notice_type="group_ban", sub_type="lift_ban"))["duration"] == 0
    await bot.do("set_group_whole_ban", group_id=wired.chat)
    assert (await bot.hears(notice_type="group_ban", user_id=0))["sub_type"] == "ban"
    await bot.do("set_group_whole_ban", group_id=wired.chat, enable="no")
    await bot.do("set_group_name", group_id=wired.chat, group_name="Writers")
    await bot.do("set_group_card", group_id=wired.chat, user_id=wired.bot.number, card="Clerk")
    await bot.do("_send_group_notice", group_id=wired.chat, content="Hear!")
    (notice,) = await bot.do("_get_group_notice", group_id=wired.chat)
    assert (notice["sender_id"], notice["message"]) == (wired.bot.number, {"text": "Hear!", "images": []})
    assert (await bot.ask("set_group_admin", **about))["retcode"] == 102
    assert (await bot.ask("set_group_ban", group_id=wired.chat, user_id=wired.alice.number))["retcode"] == 102
    await bot.do("set_group_kick", **about, reject_add_request=True)
    kicked = await bot.hears(notice_type="group_decrease")
    assert (kicked["sub_type"], kicked["operator_id"]) == ("kick", wired.bot.number)
    assert (await wired.bob.http.put(f"groups/{wired.chat}/members/me", json={})).status_code == 403
    assert (await bot.do("get_group_info", group_id=wired.chat, no_cache=True))["member_count"] == 2


async def test_what_was_recalled_can_be_read_for_a_while(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    seq = await wired.say(wired.bob, "I did not say that.")
    await bot.hears(post_type="message")
    (await wired.bob.http.put(f"chats/{wired.chat}/messages/{seq}/recall")).raise_for_status()

    recalled = await bot.hears(notice_type="group_recall")
    assert (recalled["user_id"], recalled["operator_id"]) == (wired.bob.number, wired.bob.number)
    told = await bot.do("get_msg", message_id=recalled["message_id"])
    assert told["raw_message"] == "I did not say that."
    assert told["sender"]["user_id"] == wired.bob.number


async def test_a_bot_takes_back_what_it_said_and_puts_things_to_messages(wired: Wired) -> None:
    await wired.promote(wired.bot)
    bot = await wired.call("/api")
    sent = await bot.do("send_group_msg", group_id=wired.chat, message="Oops.")
    await bot.do("delete_msg", message_id=sent["message_id"])
    assert (await wired.said(wired.bob, 1))["segments"] == []
    seq = await wired.say(wired.bob, "Good news.")
    number = message_id(wired.chat, seq)
    await bot.do("set_msg_emoji_like", message_id=number, emoji_id="76")
    await bot.do("set_essence_msg", message_id=number)
    assert (await wired.said(wired.bob, seq))["reactions"] == [{"emoji": "👍", "count": 1, "mine": False}]
    (pinned,) = await bot.do("get_essence_msg_list", group_id=wired.chat)
    assert (pinned["message_id"], pinned["sender_nick"]) == (number, "Bob")
    await bot.do("delete_essence_msg", message_id=number)
    await bot.do("set_msg_emoji_like", message_id=number, emoji_id="128077", set=False)
    assert await bot.do("get_essence_msg_list", group_id=wired.chat) == []
    assert "reactions" not in await wired.said(wired.bob, seq)


async def test_messages_of_before(wired: Wired) -> None:
    for number in range(5):
        await wired.say(wired.bob, f"{number}")
    bot = await wired.call("/api")
    newest = await bot.do("get_group_msg_history", group_id=wired.chat, count=2)
    assert [one["raw_message"] for one in newest["messages"]] == ["3", "4"]
    earlier = await bot.do("get_group_msg_history", group_id=wired.chat, message_seq=3, count=2)
    assert [one["raw_message"] for one in earlier["messages"]] == ["1", "2"]


async def test_between_two(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    opened = await wired.bob.http.post("directs", json={"number": wired.bot.number})
    direct = opened.raise_for_status().json()["chat"]
    await wired.say(wired.bob, "Psst.", chat=direct)
    heard = await bot.hears(message_type="private")
    assert (heard["sub_type"], heard["user_id"], heard["raw_message"]) == ("friend", wired.bob.number, "Psst.")
    await bot.do("send_private_msg", user_id=wired.bob.number, message="Yes?")
    assert (await wired.said(wired.bob, 2, direct))["segments"] == [{"type": "text", "text": "Yes?"}]
    assert await bot.do("get_friend_list") == [{"user_id": wired.bob.number, "nickname": "Bob", "remark": ""}]
    (await wired.bob.http.put(f"chats/{direct}/messages/1/recall")).raise_for_status()
    assert (await bot.hears(notice_type="friend_recall"))["message_id"] == heard["message_id"]


HO = {"text": "Ho."}


async def test_several_messages_as_one(wired: Wired) -> None:
    bot = await wired.call("/api")
    for text in ("One.", "Two."):
        await wired.say(wired.bob, text)
    real = [{"type": "node", "data": {"id": str(message_id(wired.chat, seq))}} for seq in (1, 2)]
    sent = await bot.do("send_group_forward_msg", group_id=wired.chat, messages=real)
    assert (await bot.do("get_msg", message_id=sent["forward_id"]))["raw_message"] == "Bob:\nOne.\nBob:\nTwo."
    seq = await wired.say(wired.bob, {"type": "forward", "chat": wired.chat, "seqs": [1, 2]})
    nodes = (await bot.do("get_forward_msg", id=message_id(wired.chat, seq)))["message"]
    assert [(node["data"]["nickname"], node["data"]["content"]) for node in nodes] == [
        ("Bob", [{"type": "text", "data": {"text": "One."}}]),
        ("Bob", [{"type": "text", "data": {"text": "Two."}}]),
    ]
    invented = [
        {"type": "node", "data": {"uin": "1", "name": "Ann", "content": "Hi."}},
        {"type": "node", "data": {"user_id": 2, "nickname": "Ben", "content": [{"type": "text", "data": HO}]}},
    ]
    sent = await bot.do("send_group_forward_msg", group_id=wired.chat, messages=invented)
    assert (await bot.do("get_msg", message_id=sent["message_id"]))["raw_message"] == "Ann:\nHi.\nBen:\nHo."


async def test_a_file_is_sent_and_its_message_recalled(wired: Wired) -> None:
    bot = await wired.call("/api")
    source = "base64://" + b64encode(b"Once upon a time").decode()
    sent = await bot.do("upload_group_file", group_id=wired.chat, file=source, name="tale.txt")
    (segment,) = (await wired.said(wired.bob, 1))["segments"]
    assert (segment["type"], segment["name"], segment["size"]) == ("file", "tale.txt", 16)
    told = await bot.do("get_msg", message_id=sent["message_id"])
    await bot.do("delete_group_file", group_id=wired.chat, file_id=told["message"][0]["data"]["file"])
    assert (await wired.said(wired.bob, 1))["segments"] == []


async def test_quick_operations(wired: Wired) -> None:
    await wired.promote(wired.bot)
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    await wired.say(wired.bob, "!spam")
    context = await bot.hears(post_type="message")
    operation = {"reply": "No.", "delete": True, "ban": True, "ban_duration": 60}
    await bot.do(".handle_quick_operation", context=context, operation=operation)
    assert (await wired.said(wired.bob, 2))["segments"] == [
        {"type": "mention", "number": wired.bob.number},
        {"type": "text", "text": " No."},
    ]
    assert (await wired.said(wired.bob, 1))["segments"] == []
    assert (await bot.hears(notice_type="group_ban"))["duration"] == 60
    await bot.ask(".handle_quick_operation_async", context=context, operation={"reply": "So.", "at_sender": False})
    await bot.do(".handle_quick_operation", context={"post_type": "notice"}, operation={"reply": "Hm."})


async def ask_to_join(wired: Wired) -> int:
    house = wired.town.parts.house
    async with house.database.transaction() as session:
        owner = Actor(wired.alice.number, "Alice")
        patch = GroupPatch(join_mode="approval")
        await change_group(session, owner, wired.chat, patch, clock=house.clock, limits=house.settings.limits)
    (chen,) = await wired.town.people("Chen")
    await chen.join(wired.chat)
    return chen.number


async def test_a_request_to_join_is_decided_by_its_flag(wired: Wired) -> None:
    await wired.promote(wired.bot)
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    chen = await ask_to_join(wired)
    asked = await bot.hears(post_type="request")
    assert (asked["request_type"], asked["sub_type"], asked["user_id"]) == ("group", "add", chen)
    await bot.do("set_group_add_request", flag=asked["flag"], sub_type="add", approve=True)
    came = await bot.hears(notice_type="group_increase")
    assert (came["sub_type"], came["user_id"], came["operator_id"]) == ("approve", chen, wired.bot.number)
    assert (await bot.ask("set_group_add_request", flag="x"))["retcode"] == 100


async def test_bots_come_and_go(wired: Wired) -> None:
    bot = await wired.call()
    await bot.hears(post_type="meta_event")
    other = await a_bot(wired.town, wired.alice, "Doorman")
    second = await wired.call(token=other.token)
    await second.hears(post_type="meta_event")
    await install(wired.alice, wired.chat, other, "read_all", "members")
    for one in (bot, second):
        came = await one.hears(notice_type="group_increase")
        assert (came["sub_type"], came["user_id"], came["operator_id"]) == ("invite", other.number, wired.alice.number)
    (await wired.alice.http.delete(f"groups/{wired.chat}/bots/{other.number}")).raise_for_status()
    assert (await second.hears(notice_type="group_decrease"))["sub_type"] == "kick_me"
    assert (await bot.hears(notice_type="group_decrease"))["sub_type"] == "kick"

    assert (await bot.ask("set_group_leave", group_id=wired.chat, is_dismiss=True))["retcode"] == 102
    await bot.do("set_group_leave", group_id=wired.chat)
    gone = await bot.hears(notice_type="group_decrease", sub_type="leave")
    assert gone["user_id"] == wired.bot.number
