"""A bot with aiogram: ``bot.py <base> <token> <picture>``."""

import asyncio
import sys

from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command, CommandStart
from aiogram.types import CallbackQuery, FSInputFile, InlineKeyboardButton, InlineKeyboardMarkup, Message

base, token, picture = sys.argv[1:]
dispatcher = Dispatcher()


@dispatcher.message(CommandStart())
async def start(message: Message) -> None:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Yes", callback_data="vote:yes")]])
    await message.answer("<b>Welcome</b>, vote!", reply_markup=keyboard)


@dispatcher.callback_query(F.data.startswith("vote:"))
async def pressed(query: CallbackQuery) -> None:
    await query.answer("Noted", show_alert=True)
    await query.message.edit_text(f"Thanks, {query.from_user.first_name}")


@dispatcher.message(Command("photo"))
async def photo(message: Message, bot: Bot) -> None:
    sent = await message.reply_photo(FSInputFile(picture), caption="A picture")
    file = await bot.get_file(sent.photo[-1].file_id)
    content = await bot.download_file(file.file_path)
    await message.reply(f"It has {len(content.read())} bytes, and should have {file.file_size}")


@dispatcher.message(Command("who"))
async def who(message: Message, bot: Bot) -> None:
    member = await bot.get_chat_member(message.chat.id, message.from_user.id)
    chat = await bot.get_chat(message.chat.id)
    await message.reply(f"You are {member.status} of {chat.title}")


@dispatcher.startup()
async def ready(bot: Bot) -> None:
    print("ready", (await bot.me()).username)


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(base))
    bot = Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    await bot.delete_webhook(drop_pending_updates=False)
    await dispatcher.start_polling(bot)


asyncio.run(main())
