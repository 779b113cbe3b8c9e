// A bot with grammY: `bot.cjs <base> <token> <picture>`.
const { Bot, InlineKeyboard, InputFile } = require("grammy");

const [base, token, picture] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot: base } });

bot.command("start", async (ctx) => {
  const keyboard = new InlineKeyboard().text("Yes", "vote:yes");
  await ctx.reply("*Welcome*, vote\\!", { parse_mode: "MarkdownV2", reply_markup: keyboard });
});
bot.callbackQuery(/^vote:/, async (ctx) => {
  await ctx.answerCallbackQuery("Noted");
  await ctx.editMessageText(`Thanks, ${ctx.from.first_name}`);
});
bot.command("photo", async (ctx) => {
  const sent = await ctx.replyWithPhoto(new InputFile(picture), { caption: "A picture" });
  const file = await ctx.api.getFile(sent.photo.at(-1).file_id);
  const answer = await fetch(`${base}/file/bot${token}/${file.file_path}`);
  const content = await answer.arrayBuffer();
  await ctx.reply(`It has ${content.byteLength} bytes, and should have ${file.file_size}`);
});
bot.command("who", async (ctx) => {
  const member = await ctx.getChatMember(ctx.from.id);
  await ctx.reply(`You are ${member.status}`);
});
bot.catch((error) => console.error(error));
bot.start({ onStart: (me) => console.log("ready", me.username) });
