/** One conversation as this client knows it: a snapshot, to which frames are applied. Nothing here talks. */
import type { Change } from "../wire/frames";
import type { ChatDetail, ChatRow, Message, Person } from "../wire/types";
import { insert, placeOf, type HeldMessage, type Timeline } from "./timeline";

export interface Typist extends Person {
  /** In milliseconds of the clock of this device. */
  until: number;
}

export interface Room {
  row: ChatRow;
  detail: ChatDetail | null;
  messages: Timeline;
  /** The messages are the server's of this visit and every change since has been applied to them. */
  fresh: boolean;
  /** The first message there is, once the beginning has been reached. */
  start: number | null;
  /** Changes that are told as a line between the messages, by `rev`. */
  lines: readonly Change[];
  typists: readonly Typist[];
  /** Changes to messages that are still on their way. */
  early: readonly Change[];
  /** The counts cannot be told from what is held: the row must be asked for again. */
  recount: boolean;
  /** I am in it no more. */
  gone: boolean;
  /** A change is missing: the changes after the last one must be asked for. */
  behind: boolean;
}

export const LINES_MAX = 200;

export function openRoom(row: ChatRow): Room {
  const none = { detail: null, messages: [], fresh: false, start: null, lines: [], typists: [], early: [] };
  return { row, ...none, recount: false, behind: false, gone: false };
}

/** An edit calls nobody and takes no call back: a message that was edited says whom it called. */
export function mentions(message: Pick<Message, "segments" | "mentions" | "mentions_all">, me: number): boolean {
  if (message.mentions !== undefined) return message.mentions_all === true || message.mentions.includes(me);
  return message.segments.some(
    (segment) => segment.type === "mention" && (segment.all === true || segment.number === me),
  );
}

/** Whether a message weighs in the counts of an account: not its own, and not a recalled one. */
export function counts(message: Message, me: number): boolean {
  return message.from.number !== me && message.recalled !== true;
}

/** Unread and mentions after `seq`, if all of those messages are held; else null. */
export function countAfter(room: Room, seq: number, me: number): { unread: number; mentions: number } | null {
  const { last_seq } = room.row;
  const begin = placeOf(room.messages, seq + 1);
  const after = room.messages.slice(begin);
  if (last_seq - seq !== after.length && last_seq > seq) return null;
  const weighing = after.filter((message) => counts(message, me));
  return { unread: weighing.length, mentions: weighing.filter((message) => mentions(message, me)).length };
}

/** Moves my read mark on, never back. */
export function readTo(room: Room, seq: number, me: number): Room {
  if (seq <= room.row.read_seq) return room;
  const counted = seq >= room.row.last_seq ? { unread: 0, mentions: 0 } : countAfter(room, seq, me);
  return {
    ...room,
    row: { ...room.row, read_seq: seq, ...(counted ?? {}) },
    recount: room.recount || counted === null,
  };
}

/** What the server says of a conversation beside the counts. */
function described(row: ChatRow, fresh: ChatRow): ChatRow {
  const last = fresh.last_message ?? null;
  const newer = (last?.seq ?? 0) >= (row.last_message?.seq ?? 0);
  const last_message = newer ? (last ?? row.last_message ?? null) : (row.last_message ?? null);
  const { unread, mentions, read_seq, last_seq, last_rev } = row;
  return { ...row, ...fresh, unread, mentions, read_seq, last_seq, last_rev, last_message };
}

/**
 * Takes a row that the server counted. If messages came since it was counted, they are counted on top; a read mark
 * of this device that the server had not heard of stays. Counts of another `rev` than ours would count a recall twice
 * or not at all: then nothing is counted, and the room says that it is behind, or that it wants counting again.
 */
export function takeRow(room: Room, fresh: ChatRow, me: number): Room {
  const row = described(room.row, fresh);
  if (room.fresh && fresh.last_rev !== row.last_rev) {
    return { ...room, row, behind: room.behind || fresh.last_rev > row.last_rev, recount: true };
  }
  const newer = room.messages
    .slice(placeOf(room.messages, fresh.last_seq + 1))
    .filter((message) => counts(message, me));
  const counted: ChatRow = {
    ...row,
    read_seq: fresh.read_seq,
    last_seq: Math.max(row.last_seq, fresh.last_seq),
    last_rev: Math.max(row.last_rev, fresh.last_rev),
    unread: fresh.unread + newer.length,
    mentions: fresh.mentions + newer.filter((message) => mentions(message, me)).length,
  };
  return readTo({ ...room, row: counted, recount: false }, row.read_seq, me);
}

/** Who is online, as a welcome says. What was known before is of another time. */
export function takePresence(room: Room, { online, peer_online }: Pick<ChatRow, "online" | "peer_online">): Room {
  const row = { ...room.row, peer_online: peer_online ?? null };
  delete row.online;
  return { ...room, row: online === undefined ? row : { ...row, online } };
}

export function takeDetail(room: Room, fresh: ChatDetail, me: number): Room {
  return { ...takeRow(room, fresh, me), detail: fresh };
}

/** The newest page replaces whatever was held: it is of now, the rest may not be. */
export function takeNewest(room: Room, page: readonly HeldMessage[], rev: number): Room {
  const keys = new Map(room.messages.map((message) => [message.seq, message.key]));
  const keyed = page.map((message) => {
    const key = keys.get(message.seq);
    return key === undefined ? message : { ...message, key };
  });
  const row = { ...room.row, last_rev: Math.max(room.row.last_rev, rev) };
  return takeMessages({ ...emptied(room), row, lines: room.lines, fresh: true }, keyed);
}

/** Adds a page of history; counts nothing. */
export function takeMessages(room: Room, page: readonly HeldMessage[]): Room {
  const last = page.at(-1);
  const knows = room.row.last_message;
  const newest = last !== undefined && last.seq === room.row.last_seq && (knows == null || knows.seq <= last.seq);
  return {
    ...room,
    messages: insert(room.messages, page),
    row: newest ? { ...room.row, last_message: last } : room.row,
  };
}

/** Forgets what was read: after a gap of changes the held messages may be out of date. */
export function emptied(room: Room): Room {
  return { ...room, messages: [], fresh: false, start: null, lines: [], behind: false };
}
