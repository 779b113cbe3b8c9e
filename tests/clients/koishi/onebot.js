// A Koishi with its adapter for OneBot, which comes by WebSocket, or is come to by reverse WebSocket. The one argument
// is its settings, as JSON; what it does it says, line by line.
const { Context, h } = require("koishi");
const { default: OneBot } = require("koishi-plugin-adapter-onebot");
const Http = require("@koishijs/plugin-http");
const Server = require("@koishijs/plugin-server");

const settings = JSON.parse(process.argv[2]);
const say = (what, told) => console.log(what, JSON.stringify(told));

const app = new Context({ prefix: ["/"], nickname: [] });
app.plugin(Server.default ?? Server, { port: settings.port, host: "127.0.0.1" });
app.plugin(Http.default ?? Http, {});
app.plugin(OneBot, settings.bot);

app.on("bot-status-updated", (bot) => say("status", { status: bot.status, selfId: bot.selfId }));

app.on("message", async (session) => {
  say("heard", { text: session.content, user: session.userId, roles: session.event.member?.roles, name: session.username });
  const text = h.select(session.elements ?? [], "text").map((one) => one.attrs.content).join("").trim();
  if (text === "who") {
    const member = await session.bot.getGuildMember(session.guildId, session.userId);
    const guild = await session.bot.getGuild(session.guildId);
    const said = await session.bot.getMessage(session.channelId, session.messageId);
    await session.send(`${member.user.name} of ${guild.name} said ${said.content}`);
  } else if (text === "delete") {
    const [sent] = await session.send("Soon gone.");
    await session.bot.deleteMessage(session.channelId, sent);
    await session.send("Gone.");
  } else if (text.startsWith("say ")) {
    await session.send(h("quote", { id: session.messageId }) + h.at(session.userId) + " " + text.slice(4));
  }
});

app.on("message-deleted", (session) => say("deleted", { id: session.messageId, by: session.operatorId }));

// Whoever runs a Koishi starts its adapter again by a click in its console.
process.stdin.on("data", () => app.bots.forEach((bot) => bot.start()));

app.start().then(() => say("started", {}));
