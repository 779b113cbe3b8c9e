/** What each kind of change does to a room. One entry a kind; a kind that is not here only moves `rev` on. */
import { changedBy, whoseChange, type Change } from "../wire/frames";
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
    recalled_by: changedBy(frame)?.number ?? null,
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

/** The frame tells all that the message has now, so that applying it twice is applying it once. */
function reacted(room: Room, frame: Change, me: number): Room {
  const fresh = (frame["reactions"] ?? []) as Pick<Reaction, "emoji" | "count">[];
  const byMe = whoseChange(frame)?.number === me;
  return alterMessage(room, Number(frame["seq"]), (message) => {
    const mine = new Set((message.reactions ?? []).filter((it) => it.mine).map((it) => it.emoji));
    if (byMe && frame["added"] === true) mine.add(String(frame["emoji"]));
    if (byMe && frame["added"] === false) mine.delete(String(frame["emoji"]));
    return { ...message, reactions: fresh.map(({ emoji, count }) => ({ emoji, count, mine: mine.has(emoji) })) };
  });
}

function pinned(room: Room, frame: Change): Room {
  return room.detail === null ? room : { ...room, detail: { ...room.detail, pins: (frame["pins"] ?? []) as number[] } };
}

function membership(room: Room, frame: Change, me: number): Room {
  if (frame.on === "left" && whoseChange(frame)?.number === me) return { ...room, gone: true };
  return typeof frame["members"] === "number" ? alterGroup(room, { members: frame["members"] }) : room;
}

function role(room: Room, frame: Change, me: number): Room {
  const fresh = frame["role"] as Role;
  const whose = whoseChange(frame)?.number;
  const after = fresh === "owner" && whose !== undefined ? alterGroup(room, { owner: whose }) : room;
  if (after.detail === null || whose !== me) return after;
  const mine = alterGroup(after, { my_role: fresh });
  return { ...mine, detail: { ...mine.detail!, me: { ...mine.detail!.me, role: fresh } } };
}

function muted(room: Room, frame: Change, me: number): Room {
  if (typeof frame["all"] === "boolean") return alterGroup(room, { mute_all: frame["all"] });
  if (room.detail === null || whoseChange(frame)?.number !== me) return room;
  const until = (frame["until"] as string | null | undefined) ?? null;
  return { ...room, detail: { ...room.detail, me: { ...room.detail.me, muted_until: until } } };
}

function card(room: Room, frame: Change, me: number): Room {
  if (room.detail === null || whoseChange(frame)?.number !== me) return room;
  return { ...room, detail: { ...room.detail, me: { ...room.detail.me, card: String(frame["card"] ?? "") } } };
}

function announced(room: Room, frame: Change): Room {
  if (room.detail === null) return room;
  const announcement = (frame["announcement"] as Announcement | null | undefined) ?? null;
  return { ...room, detail: { ...room.detail, announcement } };
}

function settings(room: Room, frame: Change): Room {
  const changed = (frame["changed"] ?? {}) as Partial<Group>;
  const row = { ...room.row, name: changed.name ?? room.row.name, avatar: changed.avatar ?? room.row.avatar };
  const after = alterGroup({ ...room, row }, changed);
  return after.detail === null ? after : { ...after, detail: { ...after.detail, name: row.name, avatar: row.avatar } };
}

export const changes: Record<string, Apply> = {
  recalled,
  reacted,
  pinned,
  role,
  muted,
  announced,
  joined: membership,
  left: membership,
  card,
  dissolved: (room) => ({ ...room, gone: true }),
  chat: settings,
};

const told = new Set(["joined", "left", "pinned", "role", "muted", "chat"]);

/** Whether a change is told as a line between the messages. */
export function placed(frame: Change): boolean {
  return told.has(frame.on);
}
