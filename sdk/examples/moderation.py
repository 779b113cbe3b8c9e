"""Takes away messages with words that the group does not want, and mutes who goes on for ten minutes.

The bot needs the scopes ``read_all``, ``send`` and ``moderate``, and must be an admin of the group. The words stand in
the environment, separated by spaces.
"""

import os
from collections import Counter

from hutong_sdk import Bot, Denied, Message, mention

WARNINGS_MAX = 2

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"], remember=os.environ.get("REMEMBER"))
unwanted = set(os.environ["UNWANTED"].lower().split())
warned: Counter[tuple[int, int]] = Counter()


@bot.on_message
async def look(message: Message) -> None:
    if unwanted.isdisjoint(message.text.lower().split()):
        return
    person = (message.chat, message.sender.number)
    try:
        await message.recall()
        warned[person] += 1
        if warned[person] > WARNINGS_MAX:
            await bot.mute(message.chat, message.sender.number, minutes=10, reason="unwanted words")
            del warned[person]
        else:
            await message.say(mention(message.sender.number), " please mind your words.")
    except Denied as denied:
        await message.say(f"I cannot keep order here: {denied.detail}")


@bot.on_command("history")
async def history(message: Message) -> None:
    last = [said.sender.name for said in await bot.history(message.chat, limit=20) if said.recalled]
    await message.reply(f"Of the last 20 messages {len(last)} were taken back.")


bot.run()
