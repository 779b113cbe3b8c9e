"""Asks with buttons: ``/poll What shall we drink? | Tea | Coffee``. Everybody has one vote and may change it.

Polls and votes lie on the server, in the store of the app, so a poll goes on when the program is started again.
"""

import os
from collections import Counter
from typing import Any

from hutong_sdk import Bot, Message, Press, Segment, button, buttons

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"], remember=os.environ.get("REMEMBER"))
polls = bot.cloud.collection("polls")
votes = bot.cloud.collection("votes")


@bot.on_command("poll", "Asks everybody a question", "question | choice | choice …")
async def ask(message: Message) -> None:
    question, *choices = [part.strip() for part in message.words.split("|")]
    if len(choices) < 2:
        await message.reply("Like this: /poll What shall we drink? | Tea | Coffee")
        return
    poll = {"question": question, "choices": choices}
    await polls.put(f"{message.chat}:{message.seq}", poll)
    await message.say(*shown(poll, str(message.seq), Counter()))


@bot.on_press("vote")
async def vote(press: Press) -> None:
    asked, _, choice = press.words.partition(":")
    key = f"{press.chat}:{asked}"
    poll = await polls.find(key)
    if poll is None:
        await press.answer("This poll is not kept any more.", alert=True, code=1)
        return
    await votes.put(f"{key}:{press.person.number}", int(choice))
    counts = Counter([one.value async for one in votes.entries(f"{key}:")])
    await press.edit(*shown(poll.value, asked, counts))
    await press.answer(f"You are for {poll.value['choices'][int(choice)]}.")


def shown(poll: dict[str, Any], asked: str, counts: Counter[int]) -> tuple[str, Segment]:
    """The message: what was asked, and how it stands on the buttons."""
    rows = [
        button(f"{choice}: {counts[number]}" if counts[number] else choice, f"vote:{asked}:{number}")
        for number, choice in enumerate(poll["choices"])
    ]
    return poll["question"], buttons(*rows)


bot.run()
