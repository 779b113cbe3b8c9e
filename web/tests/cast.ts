/** Alice owns, Bob belongs, Chen is outside, Mo moderates. Bob is the one who looks at the screen. */
import type { ChatRow, Message, Segment } from "../src/wire/types";
import { openRoom, type Room } from "../src/state/room";

export const alice = { number: 10001, name: "Alice" };
export const bob = { number: 10002, name: "Bob" };
export const mo = { number: 10004, name: "Mo" };

export const CHAT = 80001;

export function moment(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 23, 5, 0, 0) + seconds * 1000).toISOString();
}

export function message(
  seq: number,
  from = alice,
  segments: Segment[] = [{ type: "text", text: `words ${seq}` }],
): Message {
  return { chat: CHAT, seq, id: 9000 + seq, from, segments, at: moment(seq) };
}

export function row(fields: Partial<ChatRow> = {}): ChatRow {
  return {
    chat: CHAT,
    kind: "group",
    name: "Readers",
    avatar: null,
    last_seq: 0,
    last_rev: 0,
    read_seq: 0,
    unread: 0,
    mentions: 0,
    notify: "all",
    pinned: false,
    ...fields,
  };
}

export function room(fields: Partial<ChatRow> = {}): Room {
  return { ...openRoom(row(fields)), fresh: true };
}
