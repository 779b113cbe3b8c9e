import { expect, test } from "vitest";
import { layout, type Material } from "../src/state/rows";
import { alice, bob, message, mo, moment } from "./cast";

const material: Material = { messages: [], lines: [], sends: [], me: bob.number, unreadAfter: null, atEnd: true };
const kinds = (fields: Partial<Material>) => layout({ ...material, ...fields }).map((row) => row.kind);

test("a run has one first and one last, and ends where another speaks or the time goes by", () => {
  const late = { ...message(4, mo), at: moment(3 + 301) };
  const rows = layout({ ...material, messages: [message(1), message(2), message(3, mo), late] });
  expect(rows.map((row) => row.kind)).toEqual(["day", "message", "message", "message", "time", "message"]);
  const shape = rows.flatMap((row) => (row.kind === "message" ? [[row.first, row.last]] : []));
  expect(shape).toEqual([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ]);
});

test("the line before the unread stands once, and a recalled message is told", () => {
  const recalled = { ...message(3), segments: [], recalled: true };
  expect(kinds({ messages: [message(1), message(2), recalled], unreadAfter: 1 })).toEqual([
    "day",
    "message",
    "unread",
    "message",
    "recalled",
  ]);
});

test("changes stand between the messages by their time; after the newest only at the end", () => {
  const lines = [1.5, 9].map((seconds, index) => ({
    on: "joined",
    chat: 1,
    rev: index + 1,
    at: moment(seconds),
    member: mo,
  }));
  const messages = [message(1), message(2)];
  expect(kinds({ messages, lines })).toEqual(["day", "message", "line", "message", "line"]);
  expect(kinds({ messages, lines, atEnd: false })).toEqual(["day", "message", "line", "message"]);
});

test("what waits to be sent goes on my run", () => {
  const send = { key: "k", chat: 1, segments: [], at: moment(9), state: "pending" as const };
  const rows = layout({ ...material, messages: [message(1, alice), message(2, bob)], sends: [send] });
  expect(rows.at(-2)).toMatchObject({ kind: "message", mine: true, last: false });
  expect(rows.at(-1)).toMatchObject({ kind: "sending", key: "k", first: false });
});
