/** How a program is brought here: what to write where, for the place and the bot at hand. Pure. */
export interface Block {
  /** The file that it goes into, or the program that it is typed at. */
  title: string;
  code: string;
}

export interface Recipe {
  id: "sdk" | "nonebot" | "koishi" | "telegram" | "qq" | "http" | "webhook";
  name: string;
  blocks: Block[];
}

interface Bot {
  number: number;
  /** What lets it in. */
  token: string;
}

/** `origin` is where this site is, such as `https://hutong.example`. */
export function recipes(origin: string, bot: Bot): Recipe[] {
  const socket = origin.replace(/^http/, "ws");
  return [
    { id: "sdk", name: "Python SDK", blocks: sdk(origin, bot) },
    { id: "nonebot", name: "NoneBot", blocks: nonebot(socket, bot) },
    { id: "koishi", name: "Koishi", blocks: koishi(socket, bot) },
    { id: "telegram", name: "Telegram", blocks: telegram(origin, bot) },
    { id: "qq", name: "QQ", blocks: qq(origin, bot) },
    { id: "http", name: "HTTP", blocks: http(origin, socket, bot) },
    { id: "webhook", name: "Webhook", blocks: webhook() },
  ];
}

function sdk(origin: string, { token }: Bot): Block[] {
  return [
    { title: "sh, hutong/", code: "pip install ./sdk" },
    { title: ".env", code: `HUTONG_URL=${origin}\nHUTONG_TOKEN=${token}` },
    {
      title: "echo.py",
      code: `import os

from hutong_sdk import Bot, Message

bot = Bot(
    os.environ["HUTONG_URL"],
    os.environ["HUTONG_TOKEN"],
)


@bot.on_message
async def echo(message: Message) -> None:
    await message.say(message.text)


bot.run()`,
    },
  ];
}

/** OneBot v11, by forward WebSocket. */
function nonebot(socket: string, { token }: Bot): Block[] {
  return [
    { title: "sh", code: 'pip install "nonebot2[httpx,websockets]" nonebot-adapter-onebot' },
    {
      title: ".env",
      code: `DRIVER=~httpx+~websockets
ONEBOT_WS_URLS=["${socket}/bridges/onebot11/"]
ONEBOT_ACCESS_TOKEN=${token}`,
    },
    {
      title: "bot.py",
      code: `import nonebot
from nonebot.adapters.onebot.v11 import Adapter

nonebot.init()
nonebot.get_driver().register_adapter(Adapter)
nonebot.load_plugins("plugins")
nonebot.run()`,
    },
  ];
}

function koishi(socket: string, { number, token }: Bot): Block[] {
  return [
    {
      title: "koishi.yml",
      code: `plugins:
  adapter-onebot:
    selfId: "${number}"
    token: ${token}
    protocol: ws
    endpoint: ${socket}/bridges/onebot11/`,
    },
  ];
}

/** The Bot API: every library lets one name another place for it. */
function telegram(origin: string, { token }: Bot): Block[] {
  return [
    { title: ".env", code: `BOT_API=${origin}/bridges/telegram\nBOT_TOKEN=${token}` },
    {
      title: "python-telegram-bot.py",
      code: `api = os.environ["BOT_API"]
application = (
    ApplicationBuilder()
    .token(os.environ["BOT_TOKEN"])
    .base_url(f"{api}/bot")
    .base_file_url(f"{api}/file/bot")
    .build()
)`,
    },
    {
      title: "aiogram.py",
      code: `api = TelegramAPIServer.from_base(os.environ["BOT_API"])
session = AiohttpSession(api=api)
bot = Bot(os.environ["BOT_TOKEN"], session=session)`,
    },
    {
      title: "grammy.js",
      code: `const bot = new Bot(process.env.BOT_TOKEN, {
  client: { apiRoot: process.env.BOT_API },
});`,
    },
    {
      title: "telegraf.js",
      code: `const bot = new Telegraf(process.env.BOT_TOKEN, {
  telegram: { apiRoot: process.env.BOT_API },
});`,
    },
  ];
}

/** The protocol of group bots, whose clients take the number for an app's id and the token for its secret. */
function qq(origin: string, { number, token }: Bot): Block[] {
  const base = `${origin}/bridges/qqbot`;
  const bots = [{ id: String(number), secret: token, intent: { c2c_group_at_messages: true, interaction: true } }];
  return [
    { title: "sh", code: 'pip install "nonebot2[httpx,websockets]" nonebot-adapter-qq' },
    {
      title: ".env",
      code: `DRIVER=~httpx+~websockets
QQ_API_BASE=${base}
QQ_AUTH_BASE=${base}/app/getAppAccessToken
QQ_BOTS='${JSON.stringify(bots)}'`,
    },
  ];
}

function http(origin: string, socket: string, { token }: Bot): Block[] {
  const as = `-H 'Authorization: Bearer ${token}'`;
  return [
    { title: "curl", code: `curl ${origin}/api/v1/bots/me \\\n  ${as}` },
    { title: "curl", code: `curl '${origin}/api/v1/bots/me/events?after=0' \\\n  ${as}` },
    {
      title: "curl",
      code: `curl ${origin}/api/v1/chats/80001/messages \\
  ${as} \\
  -H 'Content-Type: application/json' \\
  -d '{"key": "hello-1", "segments": [{"type": "text", "text": "Hello"}]}'`,
    },
    {
      title: `${socket}/socket`,
      code: `{"do": "hello", "ref": 1, "client": "bot", "events": 0,\n "token": "${token}"}`,
    },
  ];
}

/** Nothing of it depends on the place: the secret is the outlet's. */
function webhook(): Block[] {
  return [
    {
      title: "Python",
      code: `import hashlib, hmac, time


def is_ours(secret: str, headers, body: bytes) -> bool:
    timestamp = headers["Hutong-Timestamp"]
    signed = timestamp.encode() + b"." + body
    wanted = "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(timestamp)) < 300
    return fresh and hmac.compare_digest(wanted, headers["Hutong-Signature"])`,
    },
    {
      title: "Node",
      code: `import { createHmac, timingSafeEqual } from "node:crypto";

export function isOurs(secret, headers, body) {
  const timestamp = headers["hutong-timestamp"];
  const hmac = createHmac("sha256", secret).update(timestamp + ".").update(body);
  const wanted = Buffer.from("v1=" + hmac.digest("hex"));
  const given = Buffer.from(headers["hutong-signature"]);
  const fresh = Math.abs(Date.now() / 1000 - Number(timestamp)) < 300;
  return fresh && wanted.length === given.length && timingSafeEqual(wanted, given);
}`,
    },
  ];
}
