import { describe, expect, test } from "vitest";
import { apply, TYPING_SHOWN_MS } from "../src/state/apply";
import { readTo, takeMessages, takeNewest, takePresence, takeRow, type Room } from "../src/state/room";
import type { Frame } from "../src/wire/frames";
import type { Message } from "../src/wire/types";
import { alice, bob, CHAT, message, mo, moment, room, row } from "./cast";

const frame = (said: Message): Frame => ({ on: "message", ...said });
const change = (on: string, rev: number, fields: object): Frame => ({
  on,
  chat: CHAT,
  rev,
  at: moment(500 + rev),
  ...fields,
});
const hear = (before: Room, ...frames: Frame[]) => frames.reduce((now, it) => apply(now, it, bob.number, 0), before);
const calling = [{ type: "mention", number: bob.number }];

describe("a new message", () => {
  test("counts, shows in the list and ends its sender's typing", () => {
    const typing = hear(room(), { on: "typing", chat: CHAT, from: alice });
    expect(typing.typists).toEqual([{ ...alice, until: TYPING_SHOWN_MS }]);
    const after = hear(typing, frame(message(1)), frame(message(2, mo, calling)));
    expect(after.row).toMatchObject({ last_seq: 2, unread: 2, mentions: 1, last_message: { seq: 2 } });
    expect(after.typists).toEqual([]);
  });

  test("that came already changes nothing", () => {
    const once = hear(room(), frame(message(1)));
    expect(hear(once, frame(message(1)))).toEqual(once);
  });

  test("of my own counts for nothing", () => {
    const after = hear(room(), frame(message(1)), frame(message(2, bob)));
    expect(after.row).toMatchObject({ unread: 1, last_seq: 2 });
  });

  test("after a hole asks for the counts", () => {
    const after = hear(room(), frame(message(1)), frame(message(4)));
    expect(after.recount).toBe(true);
  });

  test("that I have read on another device does not count", () => {
    const after = hear(
      readTo(room({ last_seq: 3 }), 5, bob.number),
      frame(message(4)),
      frame(message(5)),
      frame(message(6)),
    );
    expect(after.row).toMatchObject({ unread: 1, read_seq: 5 });
  });
});

describe("reading", () => {
  test("leaves what comes after the mark", () => {
    const after = readTo(
      hear(room(), frame(message(1)), frame(message(2, mo, calling)), frame(message(3))),
      1,
      bob.number,
    );
    expect(after.row).toMatchObject({ read_seq: 1, unread: 2, mentions: 1 });
    expect(readTo(after, 3, bob.number).row).toMatchObject({ unread: 0, mentions: 0 });
    expect(readTo(after, 1, bob.number)).toBe(after);
  });

  test("up to where messages are not held asks for the counts", () => {
    const after = readTo(room({ last_seq: 100, unread: 100 }), 50, bob.number);
    expect(after).toMatchObject({ recount: true, row: { read_seq: 50 } });
  });
});

describe("a change", () => {
  test("is applied once and in order; over a hole it is not", () => {
    const before = hear(room(), frame(message(1)));
    const recalled = change("recalled", 1, { seq: 1, by: alice.number });
    const after = hear(before, recalled);
    expect(after.messages[0]).toMatchObject({ recalled: true, segments: [], recalled_by: alice.number });
    expect(after.row).toMatchObject({ unread: 0, last_rev: 1, last_message: { recalled: true } });
    expect(hear(after, recalled)).toEqual(after);
    expect(hear(before, change("recalled", 3, { seq: 1, by: alice.number }))).toMatchObject({
      behind: true,
      row: { last_rev: 0 },
    });
  });

  test("recalling what was read takes nothing from the counts", () => {
    const read = readTo(hear(room(), frame(message(1)), frame(message(2))), 1, bob.number);
    expect(hear(read, change("recalled", 1, { seq: 1, by: alice.number })).row.unread).toBe(1);
  });

  test("recalling what is not held is counted by what the frame says", () => {
    const told = { seq: 4, sender: alice.number, mentions: [bob.number], mentions_all: false, by: alice.number };
    const after = hear(room({ last_seq: 9, unread: 9, mentions: 2 }), change("recalled", 1, told));
    expect(after.row).toMatchObject({ unread: 8, mentions: 1 });
  });

  test("to a message that is still on its way waits for it", () => {
    const early = hear(room(), change("recalled", 1, { seq: 1, sender: alice.number, by: alice.number }));
    const after = hear(early, frame(message(1)));
    expect(after.messages[0]).toMatchObject({ recalled: true, segments: [] });
    expect(after).toMatchObject({ early: [], row: { unread: 0, last_rev: 1 } });
  });

  test("where no messages are held only asks for the counts", () => {
    const after = hear(
      { ...room(), fresh: false },
      change("reacted", 5, { seq: 1, by: alice.number, emoji: "👍", count: 1 }),
    );
    expect(after).toMatchObject({ behind: false, recount: true, row: { last_rev: 5 } });
  });

  test("of me leaving ends the room", () => {
    expect(hear(room(), change("left", 1, { number: bob.number })).gone).toBe(true);
    expect(hear(room(), change("left", 1, { number: alice.number })).gone).toBe(false);
  });
});

describe("a row counted by the server", () => {
  test("is taken, with what came since counted on top", () => {
    const before = hear(room(), frame(message(1)), frame(message(2)), frame(message(3, mo, calling)));
    const after = takeRow(before, row({ last_seq: 2, unread: 2, read_seq: 0 }), bob.number);
    expect(after.row).toMatchObject({ last_seq: 3, unread: 3, mentions: 1 });
  });

  test("of another rev is not mixed with ours", () => {
    const before = hear(room(), frame(message(1)));
    const ahead = takeRow(before, row({ last_seq: 1, last_rev: 1, unread: 0 }), bob.number);
    expect(ahead).toMatchObject({ behind: true, recount: true, row: { unread: 1, last_rev: 0 } });
    const after = hear({ ...ahead, behind: false }, change("recalled", 1, { seq: 1, by: alice.number }));
    expect(takeRow(after, row({ last_seq: 1, last_rev: 1, unread: 0 }), bob.number).row.unread).toBe(0);
  });

  test("does not undo a read mark that is on its way", () => {
    const read = readTo(hear(room(), frame(message(1)), frame(message(2))), 2, bob.number);
    expect(takeRow(read, row({ last_seq: 2, unread: 2 }), bob.number).row).toMatchObject({ read_seq: 2, unread: 0 });
  });
});

test("a gap of messages leaves a hole to be filled, a gap of changes forgets what is out of date", () => {
  const before = hear(room(), frame(message(1)));
  expect(hear(before, { on: "gap", chat: CHAT, from: 2, to: 900 })).toMatchObject({
    recount: true,
    row: { last_seq: 900 },
  });
  const stale = hear(before, { on: "gap", chat: CHAT, from: 1, to: 40, revs: true });
  expect(stale).toMatchObject({ fresh: false, messages: [], row: { last_rev: 40 } });
});

test("the newest page replaces what was held, and keeps the keys of my own sends", () => {
  const held = takeMessages(room(), [{ ...message(1, bob), key: "k" }]);
  const after = takeNewest(held, [message(1, bob), message(2)], 7);
  expect(after.messages.map(({ seq, key }) => [seq, key])).toEqual([
    [1, "k"],
    [2, undefined],
  ]);
  expect(after).toMatchObject({ fresh: true, row: { last_rev: 7 } });
});

describe("who is online", () => {
  const direct = () => room({ kind: "direct", peer: alice.number, peer_online: null });

  test("is a number in a group", () => {
    const after = hear(room(), { on: "presence", chat: CHAT, online: 17 });
    expect(after.row.online).toBe(17);
    expect(after.recount).toBe(false);
  });

  test("is the other side of a direct conversation, not I myself", () => {
    const come = hear(direct(), { on: "presence", chat: CHAT, number: alice.number, online: true });
    const gone = hear(come, { on: "presence", chat: CHAT, number: alice.number, online: false });
    const me = hear(come, { on: "presence", chat: CHAT, number: bob.number, online: false });
    expect([come, gone, me].map(({ row }) => row.peer_online)).toEqual([true, false, true]);
    expect(come.row.online).toBeUndefined();
  });

  test("is what the welcome says, whatever was known before", () => {
    expect(takePresence(room({ online: 5 }), {}).row).not.toHaveProperty("online");
    expect(takePresence(room({ online: 5 }), { online: 6 }).row.online).toBe(6);
    expect(takePresence(direct(), { peer_online: true }).row.peer_online).toBe(true);
  });

  test("stays where a row that was not counted comes", () => {
    expect(takeRow(room({ online: 5 }), row({ last_seq: 1 }), bob.number).row.online).toBe(5);
  });
});
