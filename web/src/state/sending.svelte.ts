/** What I say: shown at once, kept until the server has it, sent again after a break. */
import type { Refused, Sent } from "../wire/frames";
import { Problem } from "../wire/http";
import { Unreadable } from "../wire/media";
import type { Segment } from "../wire/types";
import { said } from "./apply";
import { asFile, parcels, whole, type Attachment } from "./attachments";
import { ask, connection, hearAnswers } from "./connection.svelte";
import { loadAgain } from "./history";
import { add, amend, drop, fail, passing, pending, retry, WAITING_MAX, type Outbox, type Send } from "./outbox";
import { tellReading } from "./reading.svelte";
import { changeRoom } from "./rooms.svelte";
import { session } from "./session.svelte";
import { forget, keep, keptAll } from "./shelf";
import { pauseTaking, stopTaking, takeUp } from "./uploading.svelte";

const AGAIN_MS = 3_000;

let outbox = $state.raw<Outbox>([]);
/** The `ref` under which a send was put on the open line. */
const asked = new Map<number, string>();
/** Sends whose files are on their way up. */
const climbing = new Set<string>();
let again: ReturnType<typeof setTimeout> | undefined;

export function sendsOf(chat: number): Outbox {
  return outbox.filter((send) => send.chat === chat);
}

const find = (key: string) => outbox.find((send) => send.key === key);

function alter(key: string, act: (send: Send) => Send): void {
  outbox = amend(outbox, key, act);
  const send = find(key);
  if (send !== undefined) void keep("sends", key, send);
}

function soon(): void {
  clearTimeout(again);
  again = setTimeout(() => connection.state === "open" && flush(), AGAIN_MS);
}

/** Puts a send on the line, once its files are there. */
function put(send: Send): void {
  const segments = whole(send.attachments ?? [], send.segments);
  if (segments === null) {
    void climb(send.key);
    return;
  }
  const ref = ask({ do: "send", chat: send.chat, key: send.key, segments });
  if (ref !== null) asked.set(ref, send.key);
}

const withPart = (send: Send, id: string, change: Partial<Attachment>): Send => ({
  ...send,
  attachments: (send.attachments ?? []).map((one) => (one.id === id ? { ...one, ...change } : one)),
});

/** Takes the files of a send up, one after the other; a break leaves it waiting, a refusal fails it. */
async function climb(key: string): Promise<void> {
  if (climbing.has(key) || connection.state !== "open") return;
  climbing.add(key);
  try {
    for (;;) {
      const next = find(key)?.attachments?.find((one) => one.media === undefined);
      if (next === undefined) break;
      const media = await takeUp(next, (upload) => alter(key, (send) => withPart(send, next.id, { upload })));
      alter(key, (send) => withPart(send, next.id, { media }));
    }
    const done = find(key);
    if (done?.state === "pending") put(done);
  } catch (error) {
    refuse(key, error);
  } finally {
    climbing.delete(key);
  }
}

function refuse(key: string, error: unknown): void {
  if (error instanceof Unreadable) return alter(key, (send) => fail([send], key, { code: "attach.gone" })[0]!);
  if (!(error instanceof Problem) || passing(error.code) || error.status >= 500) return soon();
  const { code, detail, params } = error;
  alter(key, (send) => fail([send], key, { code, detail, params })[0]!);
}

function flush(): void {
  asked.clear();
  pending(outbox).forEach(put);
}

/** Says something. Answers false where too much waits already. */
export function say(chat: number, segments: Segment[], attachments: Attachment[] = []): boolean {
  if (outbox.length >= WAITING_MAX) return false;
  const at = new Date().toISOString();
  const files = attachments.length === 0 ? {} : { attachments };
  const send: Send = { key: crypto.randomUUID(), chat, segments, ...files, at, state: "pending" };
  outbox = add(outbox, send);
  void keep("sends", send.key, send).then((kept) => {
    if (!kept) outbox = amend(outbox, send.key, (it) => ({ ...it, unkept: true }));
  });
  put(send);
  return true;
}

/** Says words and files, in as many messages as they make. Answers false where too much waits already. */
export function sayAll(chat: number, words: Segment[], attachments: readonly Attachment[]): boolean {
  const made = parcels(attachments, words);
  if (outbox.length + made.length > WAITING_MAX) return false;
  return made.every((parcel) => say(chat, parcel.words, parcel.attachments));
}

/** The picture that was refused goes as a file; the others of its message go on as they are. */
export function sayAsFile(key: string): void {
  const send = find(key);
  const refused = send?.attachments?.find((one) => one.media === undefined);
  if (send === undefined || refused === undefined) return;
  const rest = send.attachments!.filter((one) => one !== refused);
  alter(key, (it) => ({ ...it, attachments: rest.length === 0 ? [asFile(refused)] : rest }));
  sayAgain(key);
  if (rest.length > 0) say(send.chat, [], [asFile(refused)]);
}

export function sayAgain(key: string): void {
  outbox = retry(outbox, key, new Date().toISOString());
  const send = find(key);
  if (send === undefined) return;
  void keep("sends", key, send);
  put(send);
}

export function sayNoMore(key: string): void {
  stopTaking(find(key)?.attachments ?? []);
  outbox = drop(outbox, key);
  void forget("sends", key);
}

function sent(frame: Sent): void {
  const key = asked.get(frame.ref);
  asked.delete(frame.ref);
  const send = key === undefined ? undefined : find(key);
  if (send === undefined) return;
  const { number, nickname, avatar } = session.me;
  const { chat, seq, id, at } = frame;
  const segments = whole(send.attachments ?? [], send.segments) ?? send.segments;
  changeRoom(chat, (room) => {
    const from = { number, name: room.detail?.me.card || nickname, avatar };
    return said(room, { chat, seq, id, at, from, segments, key: send.key }, number);
  });
  sayNoMore(send.key);
  if (segments.some((segment) => segment.type === "forward")) void loadAgain(chat, seq).catch(() => undefined);
}

function refused(frame: Refused): void {
  const key = frame.ref === undefined ? undefined : asked.get(frame.ref);
  if (key === undefined) return;
  asked.delete(frame.ref!);
  if (passing(frame.code)) return soon();
  const { code, detail, params = {} } = frame;
  alter(key, (send) => fail([send], key, { code, detail, params })[0]!);
}

/** Brings back what waited when the client was last closed. */
export async function startSending(): Promise<void> {
  const opened = () => {
    flush();
    tellReading();
  };
  hearAnswers({ opened, sent, refused });
  const waiting = (await keptAll("sends")) as Send[];
  const known = new Set(outbox.map((send) => send.key));
  const back = waiting.filter((send) => !known.has(send.key)).sort((one, other) => one.at.localeCompare(other.at));
  outbox = [...back, ...outbox];
  if (connection.state === "open") flush();
}

export function stopSending(): void {
  clearTimeout(again);
  pauseTaking();
  outbox = [];
  asked.clear();
}
