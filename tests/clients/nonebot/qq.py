"""A NoneBot with the adapter for the official protocol: says what it hears, and does what it is asked for.

    python qq.py BASE APP_ID SECRET [PORT]

BASE is where the calls of the protocol are served. With PORT it is told by webhooks there, otherwise by the gateway.
"""

import struct
import sys
import zlib

import nonebot
from nonebot.adapters.qq import (
    Adapter,
    Bot,
    Event,
    GroupAtMessageCreateEvent,
    InteractionCreateEvent,
    MessageEvent,
    MessageSegment,
)
from nonebot.adapters.qq.exception import ActionFailed
from nonebot.adapters.qq.models import Action, Button, InlineKeyboard, InlineKeyboardRow, MessageKeyboard, RenderData

base, app_id, secret, *port = sys.argv[1:]


def a_picture(side: int = 8) -> bytes:
    """A black PNG."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes(3 * side)) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


nonebot.init(
    driver=f"{'~fastapi' if port else '~none'}+~httpx+~websockets",
    log_level="WARNING",
    host="127.0.0.1",
    port=int(port[0]) if port else 8080,
    qq_api_base=base,
    qq_auth_base=f"{base}/app/getAppAccessToken",
    qq_bots=[
        {
            "id": app_id,
            "secret": secret,
            "use_websocket": not port,
            "intent": {"c2c_group_at_messages": True, "interaction": True, "group_members": True},
        }
    ],
)
nonebot.get_driver().register_adapter(Adapter)


@nonebot.get_driver().on_bot_connect
async def connected(bot: Bot) -> None:
    print("connected", bot.self_id)


asked = nonebot.on_message()
noticed = nonebot.on_notice()


@asked.handle()
async def answer(bot: Bot, event: MessageEvent) -> None:
    words = event.get_plaintext().strip()
    print("heard", type(event).__name__, words)
    match words:
        case "ping":
            await bot.send(event, "pong")
        case "twice":
            await bot.send(event, "once")
            await bot.send(event, "again")
        case "picture":
            await bot.send(event, MessageSegment.text("look") + MessageSegment.file_image(a_picture()))
        case "who":
            await bot.send(event, MessageSegment.mention_user(event.get_user_id()) + MessageSegment.text(" is it"))
        case "me":
            print("me", await bot.me())
        case "buttons":
            await bot.send(event, MessageSegment.markdown("# Choose") + MessageSegment.keyboard(keyboard()))
    if isinstance(event, GroupAtMessageCreateEvent):
        await keep(bot, event, words)


async def keep(bot: Bot, event: GroupAtMessageCreateEvent, words: str) -> None:
    group = event.group_openid
    match words:
        case "recall":
            sent = await bot.send(event, "oops")
            await bot.delete_group_message(group_openid=group, message_id=sent.id)
            print("recalled")
        case "same":
            for _ in range(2):
                try:
                    await bot.post_group_messages(
                        group_openid=group, msg_type=0, content="same", msg_id=event.id, msg_seq=9
                    )
                except ActionFailed as error:
                    print("refused", error.status_code, error.code)
        case "group":
            members = await bot.get_group_members(group_openid=group)
            names = sorted(member.username or "" for member in members.members)
            info = await bot.get_group_info(group_id=group)
            state = await bot.get_group_bot_state(group_id=group)
            print("group", info.group_name, info.group_member_num, names, state.member_role)
        case "forbidden":
            try:
                await bot.get_group_join_request_list(group_id=group)
            except ActionFailed as error:
                print("refused", error.status_code, error.code)


@noticed.handle()
async def notice(bot: Bot, event: Event) -> None:
    print("noticed", event.__type__.value)
    if isinstance(event, InteractionCreateEvent):
        await bot.put_interaction(interaction_id=event.id, code=0)
        await bot.send(event, f"pressed {event.data.resolved.button_data}")


def keyboard() -> MessageKeyboard:
    button = Button(
        id="1",
        render_data=RenderData(label="Sun", visited_label="Sun!", style=1),
        action=Action(type=1, data="sun", permission={"type": 2}),
    )
    return MessageKeyboard(content=InlineKeyboard(rows=[InlineKeyboardRow(buttons=[button])]))


nonebot.run()
