// A bot with Telegraf: `bot.cjs <base> <token> <picture>`. It takes its root for a folder only with a stroke behind it.
const { Markup, Telegraf } = require("telegraf");

const [base, token, picture] = process.argv.slice(2);
const bot = new Telegraf(token, { telegram: { apiRoot: `${base}/` } });

bot.start(async (ctx) => {
  await ctx.replyWithHTML("<b>Welcome</b>, vote!", Markup.inlineKeyboard([Markup.button.callback("Yes", "vote:yes")]));
});
bot.action(/^vote:/, async (ctx) => {
  await ctx.answerCbQuery("Noted");
  await ctx.editMessageText(`Thanks, ${ctx.from.first_name}`);
});
bot.command("photo", async (ctx) => {
  const sent = await ctx.replyWithPhoto({ source: picture }, { caption: "A picture" });
  const id = sent.photo.at(-1).file_id;
  const answer = await fetch(await ctx.telegram.getFileLink(id));
  const content = await answer.arrayBuffer();
  await ctx.reply(`It has ${content.byteLength} bytes, and should have ${(await ctx.telegram.getFile(id)).file_size}`);
});
bot.command("who", async (ctx) => {
  const member = await ctx.getChatMember(ctx.from.id);
  await ctx.reply(`You are ${member.status}`);
});
bot.catch((error) => console.error(error));
bot.launch(() => console.log("ready", bot.botInfo.username));
