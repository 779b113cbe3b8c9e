/** All conversations of this account that the client knows, and their copy on the shelf. */
import { SvelteMap } from "svelte/reactivity";
import type { ChatRow } from "../wire/types";
import { openRoom, type Room } from "./room";
import { forget, keep, kept, keptAll } from "./shelf";
import { newest, type Timeline } from "./timeline";

const KEPT_MESSAGES_MAX = 60;
const KEEP_AFTER_MS = 1_000;

const rooms = new SvelteMap<number, Room>();
const unkept = new Map<number, ReturnType<typeof setTimeout>>();
let listed = $state(false);

interface KeptPage {
  row: ChatRow;
  detail: Room["detail"];
  messages: Timeline;
  start: number | null;
}

export const list = {
  /** False until the conversations are known, from the shelf or from the server. */
  get known(): boolean {
    return listed;
  },
};

export function knowList(): void {
  listed = true;
}

export function roomOf(chat: number): Room | undefined {
  return rooms.get(chat);
}

export function everyRoom(): Room[] {
  return [...rooms.values()];
}

function lastMoment(row: ChatRow): string {
  return row.last_message?.at ?? "";
}

/** As the list shows them: those I pinned first, then by the newest message. */
export function sortedRows(): ChatRow[] {
  const rows = everyRoom().map((room) => room.row);
  return rows.sort(
    (one, other) =>
      Number(other.pinned) - Number(one.pinned) ||
      lastMoment(other).localeCompare(lastMoment(one)) ||
      other.chat - one.chat,
  );
}

export function setRoom(room: Room): void {
  const { chat } = room.row;
  if (rooms.get(chat) === room) return;
  rooms.set(chat, room);
  if (unkept.has(chat)) return;
  unkept.set(
    chat,
    setTimeout(() => {
      unkept.delete(chat);
      void keepRoom(chat);
    }, KEEP_AFTER_MS),
  );
}

export function changeRoom(chat: number, act: (room: Room) => Room): void {
  const room = rooms.get(chat);
  if (room !== undefined) setRoom(act(room));
}

async function keepRoom(chat: number): Promise<void> {
  const room = rooms.get(chat);
  if (room === undefined) return;
  const plain = $state.snapshot(room.row) as ChatRow;
  await keep("chats", chat, plain);
  if (room.messages.length === 0) return;
  const messages = newest(room.messages, KEPT_MESSAGES_MAX);
  const start = room.start !== null && messages[0]?.seq === room.start ? room.start : null;
  await keep("pages", chat, { row: plain, detail: room.detail, messages, start } satisfies KeptPage);
}

export function dropRoom(chat: number): void {
  clearTimeout(unkept.get(chat));
  unkept.delete(chat);
  rooms.delete(chat);
  void Promise.all([forget("chats", chat), forget("pages", chat)]);
}

export function emptyRooms(): void {
  unkept.forEach((timer) => clearTimeout(timer));
  unkept.clear();
  rooms.clear();
  listed = false;
}

/** The conversations as they were when this browser last saw them. */
export async function loadKeptRooms(): Promise<void> {
  const rows = (await keptAll("chats")) as ChatRow[];
  for (const row of rows) if (!rooms.has(row.chat)) rooms.set(row.chat, openRoom(row));
  if (rows.length > 0) listed = true;
}

/** The messages of one conversation as last seen; nothing where it is open already. */
export async function loadKeptPage(chat: number): Promise<void> {
  const page = (await kept("pages", chat)) as KeptPage | undefined;
  const room = rooms.get(chat);
  if (page === undefined || (room !== undefined && room.messages.length > 0)) return;
  rooms.set(chat, { ...openRoom(page.row), ...room, detail: page.detail, messages: page.messages, start: page.start });
}
