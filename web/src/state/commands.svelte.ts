/** The commands of the bots of a conversation, and how one writes them. */
import { SvelteMap } from "svelte/reactivity";
import { commands as ask, type Command } from "../wire/bots";

const known = new SvelteMap<number, Command[]>();

export interface CommandChoice extends Command {
  /** What is written to call it. */
  call: string;
}

/** The command that is being written, from its `/` to the caret; null where none is. */
export function commandAt(written: string, caret: number): string | null {
  return /^\/([\p{L}\p{N}_]{0,32}(?:@[\w-]{0,40})?)$/u.exec(written.slice(0, caret))?.[1] ?? null;
}

/** Those that begin with what is written. Where several bots have one of this name, it says whom it is for. */
export function choicesFor(commands: readonly Command[], query: string): CommandChoice[] {
  const wanted = query.toLowerCase();
  const called = commands.map((command) => {
    const shared = commands.some(({ name, bot }) => name === command.name && bot !== command.bot);
    return { ...command, call: `/${command.name}${shared ? `@${command.handle ?? command.bot}` : ""}` };
  });
  return called.filter(({ call }) => call.slice(1).startsWith(wanted));
}

export function commandsIn(chat: number): Command[] {
  return known.get(chat) ?? [];
}

/** Asks for them anew; until they come, those that were there before are shown. */
export async function askCommands(chat: number): Promise<void> {
  const found = await ask(chat).catch(() => null);
  if (found !== null) known.set(chat, found);
}

export function forgetCommands(): void {
  known.clear();
}
