/** What I say: shown at once, kept until the server has it, sent again after a break. */
import type { Refused, Sent } from "../wire/frames";
import type { Segment } from "../wire/types";
import { said } from "./apply";
import { ask, connection, hearAnswers } from "./connection.svelte";
import { add, drop, fail, passing, pending, retry, WAITING_MAX, type Outbox, type Send } from "./outbox";
import { changeRoom } from "./rooms.svelte";
import { session } from "./session.svelte";
import { forget, keep, keptAll } from "./shelf";

const AGAIN_MS = 3_000;

let outbox = $state.raw<Outbox>([]);
/** The `ref` under which a send was put on the open line. */
const asked = new Map<number, string>();
let again: ReturnType<typeof setTimeout> | undefined;

export function sendsOf(chat: number): Outbox {
  return outbox.filter((send) => send.chat === chat);
}

function put(send: Send): void {
  const ref = ask({ do: "send", chat: send.chat, key: send.key, segments: send.segments });
  if (ref !== null) asked.set(ref, send.key);
}

function flush(): void {
  asked.clear();
  pending(outbox).forEach(put);
}

/** Says something. Answers false where too much waits already. */
export function say(chat: number, segments: Segment[]): boolean {
  if (outbox.length >= WAITING_MAX) return false;
  const send: Send = { key: crypto.randomUUID(), chat, segments, at: new Date().toISOString(), state: "pending" };
  outbox = add(outbox, send);
  void keep("sends", send.key, send);
  put(send);
  return true;
}

export function sayAgain(key: string): void {
  outbox = retry(outbox, key, new Date().toISOString());
  const send = outbox.find((it) => it.key === key);
  if (send === undefined) return;
  void keep("sends", key, send);
  put(send);
}

export function sayNoMore(key: string): void {
  outbox = drop(outbox, key);
  void forget("sends", key);
}

function sent(frame: Sent): void {
  const key = asked.get(frame.ref);
  asked.delete(frame.ref);
  const send = outbox.find((it) => it.key === key);
  if (send === undefined) return;
  const { number, nickname, avatar } = session.me;
  const from = { number, name: nickname, avatar };
  const { chat, seq, id, at } = frame;
  changeRoom(chat, (room) => {
    const name = room.detail?.me.card || from.name;
    const message = { chat, seq, id, at, from: { ...from, name }, segments: send.segments, key: send.key };
    return said(room, message, number);
  });
  sayNoMore(send.key);
}

function refused(frame: Refused): void {
  const key = frame.ref === undefined ? undefined : asked.get(frame.ref);
  if (key === undefined) return;
  asked.delete(frame.ref!);
  if (passing(frame.code)) {
    clearTimeout(again);
    again = setTimeout(() => connection.state === "open" && flush(), AGAIN_MS);
    return;
  }
  const { code, detail, params } = frame;
  outbox = fail(outbox, key, { code, detail, ...(params === undefined ? {} : { params }) });
  const send = outbox.find((it) => it.key === key);
  if (send !== undefined) void keep("sends", key, send);
}

/** Brings back what waited when the client was last closed. */
export async function startSending(): Promise<void> {
  hearAnswers({ opened: flush, sent, refused });
  const waiting = (await keptAll("sends")) as Send[];
  const known = new Set(outbox.map((send) => send.key));
  const back = waiting.filter((send) => !known.has(send.key)).sort((one, other) => one.at.localeCompare(other.at));
  outbox = [...back, ...outbox];
  if (connection.state === "open") flush();
}

export function stopSending(): void {
  clearTimeout(again);
  outbox = [];
  asked.clear();
}
