/** What travels the socket (docs/protocol/realtime.md). A frame that we do not know is passed over. */
import type { ChatRow, Message, Person, Segment } from "./types";

export interface Welcome {
  on: "welcome";
  account: { number: number; nickname: string };
  /** To a bot: the number of its newest event. */
  events?: number;
  chats: Pick<
    ChatRow,
    "chat" | "kind" | "name" | "last_seq" | "last_rev" | "read_seq" | "unread" | "mentions" | "online" | "peer_online"
  >[];
  at: string;
}

export interface MessageFrame extends Omit<Message, "recalled" | "reactions"> {
  on: "message";
}

export interface Gap {
  on: "gap";
  chat: number;
  from: number;
  to: number;
  revs?: boolean;
}

/** My mark moved on another device. The counts are those at `last_seq` and `last_rev`. */
export interface ReadFrame {
  on: "read";
  chat: number;
  seq: number;
  last_seq: number;
  last_rev: number;
  unread: number;
  mentions: number;
}

export interface Typing {
  on: "typing";
  chat: number;
  from: Person;
}

/** How many members of a group are online; or whether `number`, the peer of a direct conversation, is. */
export type Presence =
  { on: "presence"; chat: number; online: number } | { on: "presence"; chat: number; number: number; online: boolean };

export interface Sent {
  on: "sent";
  ref: number;
  chat: number;
  seq: number;
  id: number;
  at: string;
}

export interface Refused {
  on: "error";
  ref?: number;
  code: string;
  detail: string;
  params?: Record<string, string | number>;
}

/** A change of a chat: everything but a new message. `rev` is dense in the chat. */
export interface Change {
  on: string;
  chat: number;
  rev: number;
  at: string;
  [field: string]: unknown;
}

export type Frame = { on: string; ref?: number; chat?: number; [field: string]: unknown };

export type Ask =
  | { do: "send"; chat: number; key: string; segments: Segment[] }
  | { do: "read"; chat: number; seq: number }
  | { do: "typing"; chat: number }
  | { do: "ping" };

/** What a client holds already: chat to the last seq, and chat to the last rev. */
export interface Held {
  resume: Record<string, number>;
  revs: Record<string, number>;
}

/** What a bot says of itself at the greeting: its token, and the last event that it has heard. */
export interface BotGreeting {
  client: "bot";
  token: string;
  events: number;
}

type Someone = { number: number; name?: string };

function someone(number: unknown, name: unknown): Someone | null {
  if (typeof number !== "number") return null;
  return typeof name === "string" && name !== "" ? { number, name } : { number };
}

/** Whom a change is about. The name may be unknown. */
export function whoseChange(change: Change): Someone | null {
  return someone(change["number"], change["name"]);
}

/** Who made the change, or brought it about, where that is told. */
export function changedBy(change: Change): Someone | null {
  const part = ["by", "removed_by", "invited_by"].find((name) => typeof change[name] === "number") ?? "by";
  return someone(change[part], change[`${part}_name`]);
}
