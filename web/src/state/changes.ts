/** What each kind of change does to a room. One entry a kind; a kind that is not here only moves `rev` on. */
import type { Change } from "../wire/frames";
import type { Announcement, ChatRow, Group, Reaction, Role } from "../wire/types";
import { counts, mentions, type Room } from "./room";
import { alter, find } from "./timeline";

type Apply = (room: Room, frame: Change, me: number) => Room;

/** Also the preview in the list shows what became of the newest message. */
function alterMessage(room: Room, seq: number, act: Parameters<typeof alter>[2]): Room {
  const last = room.row.last_message;
  const row: ChatRow = last?.seq === seq ? { ...room.row, last_message: act(last) } : room.row;
  return { ...room, row, messages: alter(room.messages, seq, act) };
}

function alterGroup(room: Room, changed: Partial<Group>): Room {
  if (room.detail?.group == null) return room;
  return { ...room, detail: { ...room.detail, group: { ...room.detail.group, ...changed } } };
}

function recalled(room: Room, frame: Change, me: number): Room {
  const seq = Number(frame["seq"]);
  const before = find(room.messages, seq) ?? (room.row.last_message?.seq === seq ? room.row.last_message : undefined);
  const after = alterMessage(room, seq, ({ reactions: _reactions, previews: _previews, ...message }) => ({
    ...message,
    segments: [],
    recalled: true,
    recalled_by: Number(frame["by"]),
  }));
  if (seq <= room.row.read_seq || before?.recalled === true) return after;
  if (before === undefined) return { ...after, recount: true };
  const weighs = counts(before, me) ? 1 : 0;
  const mentioned = weighs && mentions(before, me) ? 1 : 0;
  const row = { ...after.row, unread: after.row.unread - weighs, mentions: after.row.mentions - mentioned };
  return { ...after, row };
}

/** `count` is how many there are now, so that applying it twice is applying it once. */
export function withReaction(
  held: readonly Reaction[],
  emoji: string,
  count: number,
  mine: boolean | null,
): Reaction[] {
  const before = held.find((reaction) => reaction.emoji === emoji);
  const after = { emoji, count, mine: mine ?? before?.mine ?? false };
  const all = before === undefined ? [...held, after] : held.map((it) => (it === before ? after : it));
  return all.filter((reaction) => reaction.count > 0);
}

function reacted(room: Room, frame: Change, me: number): Room {
  const mine = frame["number"] === me ? frame["added"] !== false : null;
  return alterMessage(room, Number(frame["seq"]), (message) => ({
    ...message,
    reactions: withReaction(message.reactions ?? [], String(frame["emoji"]), Number(frame["count"]), mine),
  }));
}

function pins(room: Room, seq: number, pinned: boolean): Room {
  if (room.detail === null) return room;
  const others = room.detail.pins.filter((pin) => pin !== seq);
  return { ...room, detail: { ...room.detail, pins: pinned ? [seq, ...others] : others } };
}

function membership(room: Room, frame: Change, me: number): Room {
  if (frame.on === "left" && frame["number"] === me) return { ...room, gone: true };
  return typeof frame["members"] === "number" ? alterGroup(room, { members: frame["members"] }) : room;
}

function role(room: Room, frame: Change, me: number): Room {
  const fresh = frame["role"] as Role;
  const after = fresh === "owner" ? alterGroup(room, { owner: Number(frame["number"]) }) : room;
  if (after.detail === null || frame["number"] !== me) return after;
  const mine = alterGroup(after, { my_role: fresh });
  return { ...mine, detail: { ...mine.detail!, me: { ...mine.detail!.me, role: fresh } } };
}

function muted(room: Room, frame: Change, me: number): Room {
  if (typeof frame["all"] === "boolean") return alterGroup(room, { mute_all: frame["all"] });
  if (room.detail === null || frame["number"] !== me) return room;
  const until = (frame["until"] as string | null | undefined) ?? null;
  return { ...room, detail: { ...room.detail, me: { ...room.detail.me, muted_until: until } } };
}

function announced(room: Room, frame: Change): Room {
  if (room.detail === null) return room;
  const announcement = (frame["announcement"] as Announcement | null | undefined) ?? null;
  return { ...room, detail: { ...room.detail, announcement } };
}

function settings(room: Room, frame: Change): Room {
  const changed = (frame["group"] ?? {}) as Partial<Group>;
  const row = { ...room.row, name: changed.name ?? room.row.name, avatar: changed.avatar ?? room.row.avatar };
  const after = alterGroup({ ...room, row }, changed);
  return after.detail === null ? after : { ...after, detail: { ...after.detail, name: row.name, avatar: row.avatar } };
}

export const changes: Record<string, Apply> = {
  recalled,
  reacted,
  pinned: (room, frame) => pins(room, Number(frame["seq"]), frame["pinned"] !== false),
  unpinned: (room, frame) => pins(room, Number(frame["seq"]), false),
  role,
  muted,
  announced,
  joined: membership,
  left: membership,
  chat: settings,
};

const told = new Set(["joined", "left", "pinned", "role", "muted", "chat"]);

/** Whether a change is told as a line between the messages. */
export function placed(frame: Change): boolean {
  return told.has(frame.on);
}
