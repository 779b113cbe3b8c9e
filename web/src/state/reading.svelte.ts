/** How far I have read: marked here at once, told to the server soon, told again after a break. */
import * as wire from "../wire/chats";
import { ask } from "./connection.svelte";
import { readTo } from "./room";
import { changeRoom, everyRoom, roomOf } from "./rooms.svelte";
import { session } from "./session.svelte";

const TELL_AFTER_MS = 400;

const untold = new Map<number, number>();
let telling: ReturnType<typeof setTimeout> | undefined;

async function tell(): Promise<void> {
  for (const [chat, seq] of untold) {
    untold.delete(chat);
    if (ask({ do: "read", chat, seq }) !== null) continue;
    try {
      await wire.read(chat, seq);
    } catch {
      // The mark is told again with the next one, or by `tellReading` when the line is back.
      if (!untold.has(chat)) untold.set(chat, seq);
      return;
    }
  }
}

export function markRead(chat: number, seq: number): void {
  const room = roomOf(chat);
  if (room === undefined || seq <= room.row.read_seq) return;
  changeRoom(chat, (it) => readTo(it, seq, session.me.number));
  untold.set(chat, seq);
  clearTimeout(telling);
  telling = setTimeout(() => void tell(), TELL_AFTER_MS);
}

export function tellReading(): void {
  if (untold.size > 0) void tell();
}

/** What waits to be read, over all conversations that may call for me. */
export function totalUnread(): number {
  return everyRoom().reduce(
    (sum, { row }) => sum + (row.notify === "none" ? 0 : row.notify === "mentions" ? row.mentions : row.unread),
    0,
  );
}
