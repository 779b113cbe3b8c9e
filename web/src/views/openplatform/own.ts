/** A bot of one of my apps. */
import { Problem } from "../../wire/http";
import { app, type AppBot } from "../../wire/openplatform";

/** Throws like the wire, and a 404 where the app is mine but the bot is not its. */
export async function ownBot(of: number, number: number): Promise<AppBot> {
  const found = (await app(of)).bots.find((bot) => bot.number === number);
  if (found === undefined) throw new Problem(404, "openplatform.no_such_bot", "");
  return found;
}
