"""A bot on qq-botpy: says what it hears, and answers.

    python bot.py APP_ID SECRET

Its hosts are fixed in it.
"""

import sys

import botpy
from botpy.interaction import Interaction
from botpy.manage import C2CManageEvent
from botpy.message import C2CMessage, GroupMessage

app_id, secret = sys.argv[1:]


class Frog(botpy.Client):
    async def on_ready(self) -> None:
        print("ready", self.robot.name, self.robot.id)

    async def on_resumed(self) -> None:
        print("resumed")

    async def on_group_at_message_create(self, message: GroupMessage) -> None:
        words = (message.content or "").strip()
        print("heard", words, [one.content_type for one in message.attachments])
        match words:
            case "ping":
                await message.reply(content="pong")
            case "picture":
                url = message.attachments[0].url
                media = await self.api.post_group_file(group_openid=message.group_openid, file_type=1, url=url)
                await message.reply(msg_type=7, content="yours", media=media)
            case "buttons":
                button = {
                    "id": "1",
                    "render_data": {"label": "Sun", "visited_label": "Sun!", "style": 1},
                    "action": {"type": 1, "data": "sun", "permission": {"type": 2}},
                }
                await self.api.post_group_message(
                    group_openid=message.group_openid,
                    msg_type=2,
                    markdown={"content": "# Choose"},
                    keyboard={"content": {"rows": [{"buttons": [button]}]}},
                    msg_id=message.id,
                )

    async def on_c2c_message_create(self, message: C2CMessage) -> None:
        print("told", message.content)
        await message.reply(content="pong, too")

    async def on_friend_add(self, friend: C2CManageEvent) -> None:
        print("friend")

    async def on_interaction_create(self, interaction: Interaction) -> None:
        print("pressed", interaction.data.resolved.button_data)
        await self.api.on_interaction_result(interaction.id, 0)


Frog(botpy.Intents(public_messages=True, interaction=True), ext_handlers=False).run(appid=app_id, secret=secret)
