/** What a mini app asks of the client around its frame, read carefully: its pages are a stranger's. */
import type { Segment } from "../wire/types";

export type Ask =
  | { id: number; ask: "who" | "look" | "pay" | "close" }
  | { id: number; ask: "share"; title: string; text: string; start: string };

export interface Unreadable {
  id: number;
  ask: null;
}

const TITLE_CHARS_MAX = 80;
const TEXT_CHARS_MAX = 500;
const START = /^[0-9A-Za-z_-]{0,64}$/;

const line = (value: unknown, most: number): string | null => {
  if (typeof value !== "string") return null;
  const kept = value.replace(/\s+/g, " ").trim();
  return [...kept].length <= most ? kept : null;
};

/** The question in a message from a frame; null for what is none, `ask: null` for one that cannot be understood. */
export function askedBy(data: unknown): Ask | Unreadable | null {
  if (typeof data !== "object" || data === null) return null;
  const said = data as Record<string, unknown>;
  const { id, ask } = said;
  if (said["hutong"] !== 1 || !Number.isSafeInteger(id)) return null;
  const number = id as number;
  if (ask === "who" || ask === "look" || ask === "pay" || ask === "close") return { id: number, ask };
  if (ask !== "share") return { id: number, ask: null };
  const title = line(said["title"], TITLE_CHARS_MAX);
  const text = line(said["text"], TEXT_CHARS_MAX);
  const start = said["start"];
  if (!title || text === null || typeof start !== "string" || !START.test(start)) return { id: number, ask: null };
  return { id: number, ask, title, text, start };
}

/** Where a mini app stands in the client. */
export function miniPath(chat: number, app: number, start = "", page = ""): string {
  const asked = Object.entries({ start, page }).filter(([, value]) => value !== "");
  return `/chats/${chat}/apps/${app}${asked.length === 0 ? "" : `?${new URLSearchParams(asked)}`}`;
}

/** The place that a link to a mini app leads to, read in the conversation `chat`; null for any other link. */
export function miniPlace(link: { pathname: string; search: string }, chat: number): string | null {
  const found = /^\/chats\/\d{1,15}\/apps\/(\d{1,15})$/.exec(link.pathname);
  if (found === null) return null;
  const asked = new URLSearchParams(link.search);
  return miniPath(chat, Number(found[1]), asked.get("start") ?? "", asked.get("page") ?? "");
}

/** The same for an address as it is written in a message. */
export function miniOf(address: string, origin: string, chat: number): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return url.origin === origin ? miniPlace(url, chat) : null;
}

/** The message by which a person shares a mini app in a conversation. */
export function cardOf(origin: string, chat: number, app: number, ask: Ask & { ask: "share" }): Segment[] {
  const link: Segment = { type: "link", url: origin + miniPath(chat, app, ask.start), title: ask.title };
  return ask.text === "" ? [link] : [{ type: "text", text: `${ask.text}\n` }, link];
}
