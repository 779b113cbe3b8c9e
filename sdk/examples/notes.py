"""Keeps notes for a group: ``/note keys under the third flower pot`` writes one down, ``/notes`` reads them all.

They lie on the server, in the store of the app, so the program needs no database and forgets nothing.
"""

import os

from hutong_sdk import Bot, Message

bot = Bot(os.environ["HUTONG_URL"], os.environ["HUTONG_TOKEN"], remember=os.environ.get("REMEMBER"))
notes = bot.cloud.collection("notes")


@bot.on_command("note")
async def note(message: Message) -> None:
    await notes.put(f"{message.chat}:{message.seq:09}", {"text": message.words, "by": message.sender.name})
    await message.react("👍")


@bot.on_command("notes")
async def read(message: Message) -> None:
    kept = [entry.value async for entry in notes.entries(f"{message.chat}:")]
    lines = [f"{number}. {one['text']} ({one['by']})" for number, one in enumerate(kept, start=1)]
    await message.reply("\n".join(lines) or "There are no notes yet.")


bot.run()
