/** Asks the server for what the client does not hold: rows, pages of messages, changes that were missed. */
import * as wire from "../wire/chats";
import { Problem } from "../wire/http";
import { change } from "./apply";
import { emptied, openRoom, takeDetail, takeMessages, takeNewest, takeRow, type Room } from "./room";
import { changeRoom, dropRoom, everyRoom, knowList, roomOf, setRoom } from "./rooms.svelte";
import { session } from "./session.svelte";

export const PAGE = 50;
const CHANGES_PAGES_MAX = 5;
const ROW_AGAIN_MS = 400;

const asked = new Map<string, Promise<unknown>>();

/** The same question is asked once at a time; who asks again shares the answer. */
function once<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  const running = asked.get(name) as Promise<Answer> | undefined;
  if (running !== undefined) return running;
  const started = ask().finally(() => asked.delete(name));
  asked.set(name, started);
  return started;
}

const mine = () => session.me.number;

/** All rows anew. Throws what the wire throws. */
export function loadRows(): Promise<void> {
  return once("rows", async () => {
    const rows = await wire.allRows();
    for (const row of rows) setRoom(takeRow(roomOf(row.chat) ?? openRoom(row), row, mine()));
    const known = new Set(rows.map((row) => row.chat));
    for (const { row } of everyRoom()) if (!known.has(row.chat)) dropRoom(row.chat);
    knowList();
  });
}

/** One conversation's snapshot; a conversation that is mine no more is dropped. */
export function loadRow(chat: number): Promise<void> {
  return once(`row ${chat}`, async () => {
    await new Promise((resolve) => setTimeout(resolve, roomOf(chat)?.recount === true ? ROW_AGAIN_MS : 0));
    try {
      const detail = await wire.detail(chat);
      setRoom(takeDetail(roomOf(chat) ?? openRoom(detail), detail, mine()));
      if (roomOf(chat)?.behind === true) void catchUp(chat);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) dropRoom(chat);
      else if (!(error instanceof Problem)) return;
      throw error;
    }
  });
}

/** The changes after the last one applied; where there are too many, the messages are read anew instead. */
export function catchUp(chat: number): Promise<void> {
  return once(`changes ${chat}`, async () => {
    for (let page = 0; page < CHANGES_PAGES_MAX; page += 1) {
      const room = roomOf(chat);
      if (room === undefined) return;
      const { changes, more } = await wire.changes(chat, room.row.last_rev);
      changeRoom(chat, (it) =>
        changes.reduce<Room>((now, frame) => change(now, frame, mine()), { ...it, behind: false }),
      );
      if (!more) return;
    }
    changeRoom(chat, emptied);
    await loadNewest(chat);
  }).catch(() => undefined);
}

/**
 * The newest page, in place of what was held. The snapshot is read first: a change between the two is then applied to
 * a message that shows it already, which changes nothing, rather than missed.
 */
export function loadNewest(chat: number): Promise<void> {
  return once(`newest ${chat}`, async () => {
    const detail = await wire.detail(chat);
    const { messages, more } = await wire.messages(chat, { limit: PAGE });
    const room = takeDetail(roomOf(chat) ?? openRoom(detail), detail, mine());
    const fresh = takeNewest(room, messages, detail.last_rev);
    setRoom({ ...fresh, start: more ? null : (messages[0]?.seq ?? null) });
  });
}

export function loadBefore(chat: number, seq: number): Promise<void> {
  return once(`before ${chat} ${seq}`, async () => {
    const { messages, more } = await wire.messages(chat, { before: seq, limit: PAGE });
    changeRoom(chat, (room) => ({
      ...takeMessages(room, messages),
      start: more ? room.start : (messages[0]?.seq ?? seq),
    }));
  });
}

export function loadAfter(chat: number, seq: number): Promise<void> {
  return once(`after ${chat} ${seq}`, async () => {
    const { messages } = await wire.messages(chat, { after: seq, limit: PAGE });
    changeRoom(chat, (room) => takeMessages(room, messages));
  });
}

/** A page with `seq` in its middle, for a jump. Answers whether the message is there. */
export function loadAround(chat: number, seq: number): Promise<boolean> {
  return once(`around ${chat} ${seq}`, async () => {
    const { messages } = await wire.messages(chat, { around: seq, limit: PAGE });
    changeRoom(chat, (room) => takeMessages(room, messages));
    return messages.some((message) => message.seq === seq);
  });
}

/** A message as the server keeps it: what it forwards is filled in there. */
export async function loadAgain(chat: number, seq: number): Promise<void> {
  const { messages } = await wire.messages(chat, { around: seq, limit: 1 });
  changeRoom(chat, (room) => takeMessages(room, messages));
}

const unseen = new Set<string>();

/** One message that is quoted but not held; asked for once. */
export async function loadOne(chat: number, seq: number): Promise<void> {
  const name = `${chat} ${seq}`;
  if (unseen.has(name)) return;
  unseen.add(name);
  try {
    await loadAgain(chat, seq);
  } catch {
    unseen.delete(name);
  }
}
