"""Greets who joins, says good-bye to who leaves, and tells with /members how many there are."""

import os

from hutong_sdk import Bot, Change, Message, mention

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"], remember=os.environ.get("REMEMBER"))


@bot.on_change("joined")
async def welcome(change: Change) -> None:
    if change.number is not None:
        await change.say("Welcome, ", mention(change.number), "! Say /members to see how many we are.")


@bot.on_change("left")
async def farewell(change: Change) -> None:
    if change.number != bot.number:
        await change.say(f"Good-bye, {change.name}.")


@bot.on_command("members")
async def members(message: Message) -> None:
    group = await bot.group(message.chat)
    admins = [member.name async for member in bot.members(message.chat) if member.role != "member"]
    await message.reply(f"{group.name} has {group.members} members; {', '.join(admins)} look after it.")


bot.run()
