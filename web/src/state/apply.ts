/**
 * Frames applied to a room: old snapshot + frames = new snapshot, as on the server.
 *
 * Pure. A frame that was applied already changes nothing; a frame that comes too early sets `behind` or `recount`.
 */
import {
  whoseChange,
  type Change,
  type Frame,
  type Gap,
  type MessageFrame,
  type Presence,
  type ReadFrame,
} from "../wire/frames";
import type { ChatRow, Message } from "../wire/types";
import { changes, placed, touching } from "./changes";
import { counts, emptied, LINES_MAX, mentions, readTo, takeRow, type Room } from "./room";
import { find, insert, type HeldMessage } from "./timeline";

export const TYPING_SHOWN_MS = 5_000;

/** A new message. A hole before it means that the counts must come from the server. */
function message(room: Room, frame: MessageFrame, me: number): Room {
  const plain: Record<string, unknown> = { ...frame };
  delete plain["on"];
  return said(room, plain as unknown as Message, me);
}

export function said(room: Room, came: HeldMessage, me: number): Room {
  const { row } = room;
  const held = find(room.messages, came.seq);
  // What is held may know of later changes than the frame.
  const fresh = held === undefined ? withEarly(room, came, me) : { ...held, key: came.key ?? held.key };
  const messages = insert(room.messages, [fresh]);
  if (fresh.seq <= row.last_seq) {
    const newest = fresh.seq > (row.last_message?.seq ?? 0);
    return { ...room, messages, row: newest ? { ...row, last_message: fresh } : row };
  }
  const weighs = counts(fresh, me) && fresh.seq > row.read_seq ? 1 : 0;
  return {
    ...room,
    messages,
    early: room.early.filter((change) => Number(change["seq"]) > fresh.seq),
    typists: room.typists.filter((typist) => typist.number !== fresh.from.number),
    recount: room.recount || fresh.seq > row.last_seq + 1,
    row: {
      ...row,
      last_seq: fresh.seq,
      last_message: fresh,
      unread: row.unread + weighs,
      mentions: row.mentions + (weighs && mentions(fresh, me) ? 1 : 0),
    },
  };
}

/** Messages and changes come in two orders of their own: what was changed before it came is changed now. */
function withEarly(room: Room, came: HeldMessage, me: number): HeldMessage {
  const meant = room.early.filter((change) => change["seq"] === came.seq);
  return meant.reduce((message, change) => touching(change, me)?.(message) ?? message, came);
}

/** My mark moved on another device; the frame brings the counts along. */
function read(room: Room, frame: ReadFrame, me: number): Room {
  if (frame.seq <= room.row.read_seq) return room;
  const { seq: read_seq, last_seq, last_rev, unread, mentions: called } = frame;
  if (typeof unread !== "number") return readTo(room, read_seq, me);
  return takeRow(room, { ...room.row, read_seq, last_seq, last_rev, unread, mentions: called }, me);
}

/** A notice that I have read, here or on another device. */
export function noticeRead(room: Room, id: number): Room {
  if (room.detail === null) return room;
  const announcements_unread = (room.detail.announcements_unread ?? []).filter((one) => one !== id);
  return { ...room, detail: { ...room.detail, announcements_unread } };
}

function seat(room: Room, frame: Frame): Room {
  const { notify, pinned } = frame as unknown as Pick<ChatRow, "notify" | "pinned">;
  return { ...room, row: { ...room.row, notify, pinned } };
}

function gap(room: Room, frame: Gap): Room {
  if (frame.revs === true) {
    return { ...emptied(room), row: { ...room.row, last_rev: Math.max(room.row.last_rev, frame.to) }, recount: true };
  }
  return { ...room, row: { ...room.row, last_seq: Math.max(room.row.last_seq, frame.to) }, recount: true };
}

function typing(room: Room, frame: Frame, me: number, now: number): Room {
  const from = frame["from"] as { number: number; name: string } | undefined;
  if (from === undefined || from.number === me) return room;
  const others = room.typists.filter((typist) => typist.number !== from.number && typist.until > now);
  return { ...room, typists: [...others, { ...from, until: now + TYPING_SHOWN_MS }] };
}

function presence(room: Room, frame: Presence): Room {
  if (!("number" in frame)) return { ...room, row: { ...room.row, online: frame.online } };
  return frame.number === room.row.peer ? { ...room, row: { ...room.row, peer_online: frame.online } } : room;
}

/** A change by its `rev`: once, in order, and never over a hole. */
export function change(room: Room, frame: Change, me: number): Room {
  const { last_rev } = room.row;
  if (frame.rev <= last_rev) return room;
  if (frame.rev > last_rev + 1) {
    // With no messages held there is nothing to catch up on but the counts.
    return room.fresh
      ? { ...room, behind: true }
      : { ...room, recount: true, row: { ...room.row, last_rev: frame.rev } };
  }
  const changed = changes[frame.on]?.(room, frame, me) ?? room;
  const lines = placed(frame) ? [...changed.lines, frame].slice(-LINES_MAX) : changed.lines;
  return { ...changed, lines, row: { ...changed.row, last_rev: frame.rev } };
}

/** A frame with a `rev` is a change; one without, of a kind that is not known here, is passed over. */
function settled(room: Room, frame: Frame, me: number): Room {
  return typeof frame["rev"] === "number" ? change(room, frame as unknown as Change, me) : room;
}

/** Applies one frame. `now` is the clock of this device in milliseconds. */
export function apply(room: Room, frame: Frame, me: number, now: number): Room {
  switch (frame.on) {
    case "message":
      return message(room, frame as unknown as MessageFrame, me);
    case "gap":
      return gap(room, frame as unknown as Gap);
    case "read":
      return read(room, frame as unknown as ReadFrame, me);
    case "announcement_read":
      return noticeRead(room, Number(frame["id"]));
    case "seat":
      return seat(room, frame);
    case "typing":
      return typing(room, frame, me, now);
    case "presence":
      return presence(room, frame as unknown as Presence);
    case "chat":
      return frame["row"] === undefined ? settled(room, frame, me) : takeRow(room, frame["row"] as ChatRow, me);
    case "left":
      return whoseChange(frame as unknown as Change)?.number === me
        ? { ...room, gone: true }
        : settled(room, frame, me);
    default:
      return settled(room, frame, me);
  }
}
