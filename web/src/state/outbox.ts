/** Sends that have no answer yet. Pure: who keeps them, and when they are tried, is decided by `talk`. */
import type { Segment } from "../wire/types";
import type { Attachment } from "./attachments";

export interface Send {
  key: string;
  chat: number;
  segments: Segment[];
  /** Files that go before it: with them it waits until all of them are there. */
  attachments?: Attachment[];
  /** This browser could not put it on its shelf: it is lost with the page. */
  unkept?: boolean;
  /** When it was written, by the clock of this device. */
  at: string;
  state: "pending" | "failed";
  /** Why it failed: the code and the words of the refusal. */
  code?: string;
  detail?: string;
  params?: Record<string, string | number>;
}

export type Outbox = readonly Send[];

export const WAITING_MAX = 200;

export function add(outbox: Outbox, send: Send): Outbox {
  return [...outbox, send];
}

export function drop(outbox: Outbox, key: string): Outbox {
  return outbox.filter((send) => send.key !== key);
}

export function fail(outbox: Outbox, key: string, why: Pick<Send, "code" | "detail" | "params">): Outbox {
  return outbox.map((send) => (send.key === key ? { ...send, ...why, state: "failed" } : send));
}

/** A failed one is tried anew under its old key, at the end of the line. */
export function retry(outbox: Outbox, key: string, at: string): Outbox {
  const again = outbox.find((send) => send.key === key);
  if (again === undefined) return outbox;
  const { code: _code, detail: _detail, params: _params, ...same } = again;
  return [...drop(outbox, key), { ...same, at, state: "pending" }];
}

export function amend(outbox: Outbox, key: string, act: (send: Send) => Send): Outbox {
  return outbox.map((send) => (send.key === key ? act(send) : send));
}

export const pending = (outbox: Outbox) => outbox.filter((send) => send.state === "pending");
export const ofChat = (outbox: Outbox, chat: number) => outbox.filter((send) => send.chat === chat);

const PASSING = new Set([
  "chat.writer_busy",
  "hutong.darkroom_busy",
  "hutong.files_unavailable",
  "hutong.too_many",
  "hutong.unavailable",
  "media.upload_under_way",
]);

/** A refusal that may pass by itself: the send waits rather than fails. */
export const passing = (code: string): boolean => PASSING.has(code) || code.startsWith("socket.");
