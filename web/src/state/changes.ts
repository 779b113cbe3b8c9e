/** What each kind of change does to a room. One entry a kind; a kind that is not here only moves `rev` on. */
import { changedBy, whoseChange, type Change } from "../wire/frames";
import type { ChatRow, Group, LinkPreview, Message, Notice, Reaction, Role } from "../wire/types";
import type { Room } from "./room";
import { alter, find, type HeldMessage } from "./timeline";

/** Changes to messages that are still to come; there are more only where something is wrong. */
const EARLY_MAX = 100;

type Apply = (room: Room, frame: Change, me: number) => Room;

type Alter = (message: HeldMessage) => HeldMessage;

/** What a change does to the message that it is about; null for a change that is about none. */
export function touching(frame: Change, me: number): Alter | null {
  if (frame.on === "recalled") return (message) => recalledForm(message, changedBy(frame)?.number ?? null);
  if (frame.on === "reacted") return (message) => withReactions(message, frame, me);
  if (frame.on === "edited") return (message) => editedForm(message, frame);
  if (frame.on === "previewed") return (message) => ({ ...message, previews: frame["previews"] as LinkPreview[] });
  return null;
}

function editedForm(message: HeldMessage, frame: Change): HeldMessage {
  if (message.recalled === true) return message;
  const { segments, previews, mentions, mentions_all } = frame as unknown as Message;
  return { ...message, segments, previews: previews ?? [], edited_at: frame.at, mentions, mentions_all } as HeldMessage;
}

function recalledForm(
  { reactions: _reactions, previews: _previews, edited_at: _edited, ...message }: HeldMessage,
  by: number | null,
): HeldMessage {
  return { ...message, segments: [], recalled: true, recalled_by: by };
}

/** The frame tells all that the message has now, so that applying it twice is applying it once. */
function withReactions(message: HeldMessage, frame: Change, me: number): HeldMessage {
  const fresh = (frame["reactions"] ?? []) as Pick<Reaction, "emoji" | "count">[];
  const mine = new Set((message.reactions ?? []).filter((it) => it.mine).map((it) => it.emoji));
  const emoji = String(frame["emoji"]);
  if (whoseChange(frame)?.number === me) {
    if (frame["added"] === false) mine.delete(emoji);
    else mine.add(emoji);
  }
  return { ...message, reactions: fresh.map((it) => ({ emoji: it.emoji, count: it.count, mine: mine.has(it.emoji) })) };
}

/** Changes a message, also as the list previews it; one that is still to come is changed when it comes. */
function toMessage(room: Room, frame: Change, me: number): Room {
  const act = touching(frame, me);
  const seq = Number(frame["seq"]);
  if (act === null) return room;
  if (seq > room.row.last_seq) return { ...room, early: [...room.early, frame].slice(-EARLY_MAX) };
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
  const before = find(room.messages, seq);
  const after = unpinned(toMessage(room, frame, me), seq);
  if (seq <= room.row.read_seq || seq > room.row.last_seq || before?.recalled === true) return after;
  const mine = frame["sender"] === me;
  const called = frame["mentions_all"] === true || ((frame["mentions"] ?? []) as number[]).includes(me);
  const { unread, mentions } = after.row;
  const row = { ...after.row, unread: unread - (mine ? 0 : 1), mentions: mentions - (called && !mine ? 1 : 0) };
  return { ...after, row };
}

function unpinned(room: Room, seq: number): Room {
  if (room.detail === null || !room.detail.pins.includes(seq)) return room;
  return { ...room, detail: { ...room.detail, pins: room.detail.pins.filter((pin) => pin !== seq) } };
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

function announced(room: Room, frame: Change, me: number): Room {
  if (room.detail === null) return room;
  const announcement = (frame["announcement"] as Notice | null | undefined) ?? null;
  const id = Number(frame["id"]);
  const others = (room.detail.announcements_unread ?? []).filter((one) => one !== id);
  const news = frame["removed"] !== true && changedBy(frame)?.number !== me;
  return { ...room, detail: { ...room.detail, announcement, announcements_unread: news ? [...others, id] : others } };
}

function settings(room: Room, frame: Change): Room {
  const changed = (frame["changed"] ?? frame["group"] ?? {}) as Partial<Group>;
  const avatar = "avatar" in changed ? (changed.avatar ?? null) : room.row.avatar;
  const row = { ...room.row, name: changed.name ?? room.row.name, avatar };
  const after = alterGroup({ ...room, row }, changed);
  return after.detail === null ? after : { ...after, detail: { ...after.detail, name: row.name, avatar: row.avatar } };
}

export const changes: Record<string, Apply> = {
  recalled,
  edited: toMessage,
  reacted: toMessage,
  previewed: toMessage,
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
