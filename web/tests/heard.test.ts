/** What a bot has heard, as its maker sees it. */
import { describe, expect, test } from "vitest";
import { HEARD_MAX, heardIn, kindsOf, line, put, segmentsIn, type Heard } from "../src/state/heard";

const said = (event: number, words: string) => ({
  event,
  on: "message",
  chat: 80001,
  seq: event,
  from: { number: 10002, name: "Bob" },
  segments: [{ type: "text", text: words }],
  at: "2026-11-23T05:48:40.123Z",
});

const heard = (event: number, on = "message"): Heard => heardIn({ ...said(event, "hm"), on })!;

describe("what is heard", () => {
  test("is a frame with a number of its own, and nothing else", () => {
    expect(heardIn(said(17, "hm"))).toMatchObject({ event: 17, on: "message", chat: 80001 });
    expect(heardIn({ on: "typing", chat: 80001 })).toBeNull();
    expect(heardIn({ event: 3, on: "gone" })).toMatchObject({ chat: null, at: "" });
  });

  test("stands newest first, each once", () => {
    const list = [1, 2, 2, 1, 3].reduce<readonly Heard[]>((so_far, event) => put(so_far, heard(event)), []);
    expect(list.map(({ event }) => event)).toEqual([3, 2, 1]);
  });

  test("makes room for what is newer", () => {
    let list: readonly Heard[] = [];
    for (let event = 1; event <= HEARD_MAX + 2; event += 1) list = put(list, heard(event));
    expect(list).toHaveLength(HEARD_MAX);
    expect(list.at(-1)!.event).toBe(3);
  });

  test("is counted by kind, the most frequent first", () => {
    const list = [heard(1, "joined"), heard(2), heard(3), heard(4, "left")];
    expect(kindsOf(list)).toEqual([
      { on: "message", count: 2 },
      { on: "joined", count: 1 },
      { on: "left", count: 1 },
    ]);
  });

  test("is told in one line: who, and what they said or whom it was done to", () => {
    expect(line(heardIn(said(1, "good morning"))!)).toBe("Bob：good morning");
    const change = { event: 2, on: "joined", chat: 80001, number: 10003, name: "Chen", by: 10001, by_name: "Alice" };
    expect(line(heardIn(change)!)).toBe("Alice → Chen");
    expect(line(heardIn({ event: 3, on: "left", chat: 80001, number: 10003, name: "Chen" })!)).toBe("Chen");
    expect(line(heardIn({ event: 4, on: "dissolved", chat: 80001 })!)).toBe("");
  });
});

describe("segments that were written by hand", () => {
  test("are a list of objects that each have a type", () => {
    expect(segmentsIn('[{"type":"text","text":"hi"}]')).toEqual({ segments: [{ type: "text", text: "hi" }] });
  });

  test.each([
    ["[{", "json"],
    ['{"type":"text"}', "list"],
    ["[]", "list"],
    ['["hi"]', "type"],
    ["[null]", "type"],
    ['[{"text":"hi"}]', "type"],
  ])("%s is refused at the field", (written, wrong) => {
    expect(segmentsIn(written)).toEqual({ wrong });
  });
});
