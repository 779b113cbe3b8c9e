"""A bot of aiocqhttp, which is come to by reverse WebSocket or HTTP POST. The one argument is its settings, as JSON;
what it does it says, line by line."""

import json
import sys

from aiocqhttp import ActionFailed, CQHttp, Event, MessageSegment

settings = json.loads(sys.argv[1])
bot = CQHttp(
    api_root=settings.get("api_root"), access_token=settings.get("token", ""), secret=settings.get("secret", "")
)


def say(what: str, **told: object) -> None:
    print(what, json.dumps(told, ensure_ascii=False), flush=True)


@bot.on_websocket_connection
async def connected(event: Event) -> None:
    say("connected", self_id=event.self_id, login=await bot.get_login_info(self_id=event.self_id))


@bot.on_message("group")
async def heard(event: Event) -> dict[str, object] | None:
    say("heard", text=event.raw_message, sender=event.sender, self_id=event.self_id)
    text = "".join(part["data"]["text"] for part in event.message if part["type"] == "text").strip()
    match text:
        case "quick":
            return {"reply": "A quick answer."}
        case "who":
            member = await bot.get_group_member_info(
                self_id=event.self_id, group_id=event.group_id, user_id=event.user_id
            )
            said = await bot.get_msg(self_id=event.self_id, message_id=event.message_id)
            groups = await bot.get_group_list(self_id=event.self_id)
            await bot.send(event, f"{member['nickname']} {member['role']} {said['message_id']} {len(groups)}")
        case "refuse":
            try:
                await bot.call_action("send_like", self_id=event.self_id, user_id=event.user_id)
            except ActionFailed as refused:
                await bot.send(event, f"Refused with {refused.retcode}.")
        case _:
            await bot.send(event, MessageSegment.at(event.user_id) + MessageSegment.text(f" You said: {text}"))
    return None


@bot.on_notice("group_recall")
async def recalled(event: Event) -> None:
    said = await bot.get_msg(self_id=event.self_id, message_id=event.message_id)
    say("recalled", text="".join(part["data"]["text"] for part in said["message"]))


if __name__ == "__main__":
    bot.run(host="127.0.0.1", port=settings["port"])
