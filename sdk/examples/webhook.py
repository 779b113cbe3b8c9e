"""A bot without a connection of its own: the server brings it what happens, signed, to this address."""

import os

from hutong_sdk import Bot, Message

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"])


@bot.on_message
async def count(message: Message) -> None:
    await message.reply(f"{len(message.text)} letters.")


bot.run_webhook(os.environ["HUTONG_SECRET"], port=int(os.environ.get("PORT", "8080")))
