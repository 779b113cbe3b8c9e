/** Buttons and forms of bots that were pressed here and wait for their bot, and what it has answered. */
import { SvelteSet } from "svelte/reactivity";
import { t, type Key } from "../i18n";
import { press as pressed, type Answered, type Who } from "../wire/bots";
import { limit } from "./limits";
import { problems } from "./problems.svelte";
import { roomOf } from "./rooms.svelte";
import { session } from "./session.svelte";

const EARLY_MAX = 20;
const ASKED_MAX = 100;

interface Asked {
  name: string;
  bot: string;
  timer: ReturnType<typeof setTimeout>;
}

export interface Alert {
  bot: string;
  text: string;
}

const waiting = new SvelteSet<string>();
const asked = new Map<string, Asked>();
/** Answers that came before the server had told under which id I have pressed. */
const early = new Map<string, Answered>();
let alert = $state.raw<Alert | null>(null);

/** What a bot wants to be seen, not only shown in passing. */
export const alerts = {
  get last(): Alert | null {
    return alert;
  },
  seen(): void {
    alert = null;
  },
};

const nameOf = (chat: number, seq: number, data: string) => `${chat} ${seq} ${data}`;

export function waits(chat: number, seq: number, data: string): boolean {
  return waiting.has(nameOf(chat, seq, data));
}

/** Whether it is for me. In a conversation between two everything is. */
export function mayPress(chat: number, who: Who = "all"): boolean {
  if (who === "all") return true;
  if (who !== "admins") return who.includes(session.me.number);
  const room = roomOf(chat);
  return room?.row.kind === "direct" || (room?.detail?.me.role ?? "member") !== "member";
}

function keepFew<Kept>(kept: Map<string, Kept>, most: number): void {
  const oldest = kept.keys().next();
  if (kept.size > most && !oldest.done) kept.delete(oldest.value);
}

/** Presses a button, or sends a form; throws what the server refuses. It waits until the bot answers, or too long. */
export async function press(
  { chat, seq, bot }: { chat: number; seq: number; bot: string },
  data: string,
  values?: Record<string, string>,
): Promise<void> {
  const name = nameOf(chat, seq, data);
  if (waiting.has(name)) return;
  waiting.add(name);
  try {
    const { press: id } = await pressed(chat, seq, crypto.randomUUID(), data, values);
    const timer = setTimeout(
      () => {
        waiting.delete(name);
        problems.note(t("press.unanswered", { bot }));
      },
      limit("press_answer_wait_s") * 1_000,
    );
    asked.set(id, { name, bot, timer });
    keepFew(asked, ASKED_MAX);
    const answer = early.get(id);
    if (answer !== undefined) heardAnswer(answer);
  } catch (error) {
    waiting.delete(name);
    throw error;
  }
}

/** An answer that comes late is told all the same. One to what I have pressed on another device is told there. */
export function heardAnswer(answer: Answered): void {
  const meant = asked.get(answer.press);
  if (meant === undefined) {
    early.set(answer.press, answer);
    keepFew(early, EARLY_MAX);
    return;
  }
  clearTimeout(meant.timer);
  asked.delete(answer.press);
  early.delete(answer.press);
  waiting.delete(meant.name);
  const text = answer.text || (answer.code === 0 ? "" : t(`press.code.${answer.code}` as Key, { bot: meant.bot }));
  if (text === "") return;
  if (answer.alert) alert = { bot: meant.bot, text };
  else problems.note(text);
}

export function forgetPresses(): void {
  asked.forEach(({ timer }) => clearTimeout(timer));
  asked.clear();
  early.clear();
  waiting.clear();
  alert = null;
}
