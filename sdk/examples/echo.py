"""Says again what people say."""

import os

from hutong_sdk import Bot, Message

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"], remember=os.environ.get("REMEMBER"))


@bot.on_message
async def echo(message: Message) -> None:
    await message.say(message.text)


bot.run()
