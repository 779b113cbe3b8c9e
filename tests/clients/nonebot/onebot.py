"""A NoneBot with its adapter for OneBot v11, as their documents have one write it: it comes by forward WebSocket, or is
come to by reverse WebSocket or HTTP POST. The one argument is its settings, as JSON; what it does it says, line by
line."""

import json
import struct
import sys
import zlib

import nonebot
from nonebot import get_driver, on_command, on_message, on_notice
from nonebot.adapters.onebot.v11 import ActionFailed, Adapter, Bot, GroupMessageEvent, Message, MessageSegment
from nonebot.adapters.onebot.v11.event import GroupRecallNoticeEvent, MessageEvent
from nonebot.adapters.onebot.v11.permission import GROUP_ADMIN, GROUP_OWNER
from nonebot.params import CommandArg
from nonebot.rule import to_me

nonebot.init(**json.loads(sys.argv[1]))
driver = get_driver()
driver.register_adapter(Adapter)


def part_of_png(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


HEAD = part_of_png(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + part_of_png(b"IDAT", zlib.compress(bytes(4))) + part_of_png(b"IEND", b"")


def say(what: str, **told: object) -> None:
    print(what, json.dumps(told, ensure_ascii=False), flush=True)


@driver.on_bot_connect
async def connected(bot: Bot) -> None:
    say("connected", self_id=bot.self_id, login=await bot.get_login_info())


@driver.on_bot_disconnect
async def disconnected(bot: Bot) -> None:
    say("disconnected", self_id=bot.self_id)


asked = on_message(rule=to_me(), priority=20, block=False)


@asked.handle()
async def answer(bot: Bot, event: MessageEvent) -> None:
    if event.get_plaintext().strip().startswith("/"):
        return
    reply = await bot.send(event, f"You said: {event.get_plaintext().strip()}", at_sender=True, reply_message=True)
    say("answered", message_id=reply["message_id"], sender=event.sender.model_dump(), kind=event.message_type)


known = on_command("who", priority=5, block=True)


@known.handle()
async def who(bot: Bot, event: GroupMessageEvent, words: Message = CommandArg()) -> None:  # noqa: B008  # As NoneBot wants it.
    member = await bot.get_group_member_info(group_id=event.group_id, user_id=event.user_id)
    group = await bot.get_group_info(group_id=event.group_id)
    members = await bot.get_group_member_list(group_id=event.group_id)
    said = await bot.get_msg(message_id=event.message_id)
    facts = f"{member['nickname']} {member['role']} of {group['group_name']}, one of {len(members)}"
    say("knows", facts=facts, raw=said.get("raw_message", ""), words=words.extract_plain_text())
    await known.finish(facts)


ruled = on_command("quiet", permission=GROUP_OWNER | GROUP_ADMIN, priority=5, block=True)


@ruled.handle()
async def quiet(event: GroupMessageEvent) -> None:
    await ruled.finish("As you say, " + (event.sender.role or "?"))


pictured = on_command("picture", priority=5, block=True)


@pictured.handle()
async def picture(bot: Bot, event: GroupMessageEvent) -> None:
    await bot.send(event, MessageSegment.text("Here: ") + MessageSegment.image(PNG))
    try:
        await bot.call_api("send_like", user_id=event.user_id)
    except ActionFailed as refused:
        say("refused", retcode=refused.info["retcode"])


noticed = on_notice()


@noticed.handle()
async def recalled(bot: Bot, event: GroupRecallNoticeEvent) -> None:
    said = await bot.get_msg(message_id=event.message_id)
    say("recalled", by=event.operator_id, text="".join(part["data"]["text"] for part in said["message"]))


if __name__ == "__main__":
    nonebot.run()
