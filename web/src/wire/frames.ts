/** What travels the socket (docs/protocol/realtime.md). A frame that we do not know is passed over. */
import type { ChatRow, Message, Person, Segment } from "./types";

export interface Welcome {
  on: "welcome";
  account: { number: number; nickname: string };
  chats: Pick<ChatRow, "chat" | "kind" | "name" | "last_seq" | "last_rev" | "read_seq" | "unread" | "mentions">[];
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

export interface ReadFrame {
  on: "read";
  chat: number;
  seq: number;
}

export interface Typing {
  on: "typing";
  chat: number;
  from: Person;
}

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

const isPerson = (value: unknown): value is Person =>
  typeof value === "object" && value !== null && typeof (value as Person).number === "number";

/** Whom a change is about: the member, or whoever put the reaction. The name may be unknown. */
export function whoseChange(change: Change): { number: number; name?: string } | null {
  if (isPerson(change["member"])) return change["member"];
  if (typeof change["number"] !== "number") return null;
  return { number: change["number"], ...(typeof change["name"] === "string" ? { name: change["name"] } : {}) };
}

/** Who made the change, where that is told. */
export function changedBy(change: Change): { number: number; name?: string } | null {
  const by = change["by"] ?? change["removed_by"];
  if (isPerson(by)) return by;
  if (typeof by !== "number") return null;
  const named = typeof change["name"] === "string" && change["number"] === undefined;
  return { number: by, ...(named ? { name: change["name"] as string } : {}) };
}
