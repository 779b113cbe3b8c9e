"""A bot with python-telegram-bot: ``bot.py <base> <token> <picture> [<port> <secret>]``. With a port it waits there for
its updates."""

import sys
from pathlib import Path
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, ApplicationBuilder, CallbackQueryHandler, CommandHandler

base, token, picture, *hook = sys.argv[1:]


async def start(update: Update, context: Any) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="vote:yes")]])
    await update.effective_message.reply_html("<b>Welcome</b>, vote!", reply_markup=keyboard)


async def pressed(update: Update, context: Any) -> None:
    query = update.callback_query
    await query.answer("Noted")
    await query.edit_message_text(f"Thanks, {query.from_user.first_name}")


async def photo(update: Update, context: Any) -> None:
    sent = await update.effective_message.reply_photo(Path(picture), caption="A picture")
    file = await sent.photo[-1].get_file()
    content = await file.download_as_bytearray()
    await update.effective_message.reply_text(f"It has {len(content)} bytes, and should have {file.file_size}")


async def who(update: Update, context: Any) -> None:
    member = await update.effective_chat.get_member(update.effective_user.id)
    await update.effective_message.reply_text(f"You are {member.status}")


async def ready(application: Application) -> None:
    print("ready", application.bot.username)


application = (
    ApplicationBuilder()
    .token(token)
    .base_url(f"{base}/bot")
    .base_file_url(f"{base}/file/bot")
    # It waits for 5 seconds unless it is told otherwise, and a machine that is busy with tests may take longer.
    .read_timeout(60)
    .post_init(ready)
    .build()
)
for name, answer in (("start", start), ("photo", photo), ("who", who)):
    application.add_handler(CommandHandler(name, answer))
application.add_handler(CallbackQueryHandler(pressed, pattern="^vote:"))
if hook:
    port, secret = hook
    address = f"http://127.0.0.1:{port}/hook"
    application.run_webhook("127.0.0.1", int(port), "hook", secret_token=secret, webhook_url=address)
else:
    application.run_polling()
