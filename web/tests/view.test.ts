import { expect, test } from "vitest";
import { insert } from "../src/state/timeline";
import { around, following, newer, older, shown, SHOWN_FIRST, SHOWN_MAX, type Stretch } from "../src/state/view";
import { message } from "./cast";

const range = (from: number, to: number) =>
  insert(
    [],
    Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  );
const ends = (timeline: ReturnType<typeof range>, stretch: Stretch, lastSeq: number) => {
  const { messages, atEnd } = shown(timeline, stretch, lastSeq);
  return [messages[0]?.seq, messages.at(-1)?.seq, atEnd];
};

test("the newest are followed as they come", () => {
  const held = range(1, 100);
  const stretch = following(held);
  expect(ends(held, stretch, 100)).toEqual([101 - SHOWN_FIRST, 100, true]);
  expect(ends(insert(held, [message(101)]), stretch, 101)).toEqual([101 - SHOWN_FIRST, 101, true]);
});

test("a newer message that is known of but not held means that this is not the end", () => {
  expect(ends(range(1, 10), following(range(1, 10)), 12)).toEqual([1, 10, false]);
});

test("scrolling through a long history never shows more than the most, and comes back to the end", () => {
  const held = range(1, 1000);
  let stretch = following(held);
  for (let step = 0; step < 20; step += 1) {
    stretch = older(held, stretch);
    expect(shown(held, stretch, 1000).messages.length).toBeLessThanOrEqual(SHOWN_MAX);
  }
  expect(ends(held, stretch, 1000)[2]).toBe(false);
  for (let step = 0; step < 40 && stretch.high !== null; step += 1) {
    stretch = newer(held, stretch, 1000);
    expect(shown(held, stretch, 1000).messages.length).toBeLessThanOrEqual(SHOWN_MAX);
  }
  expect(ends(held, stretch, 1000).slice(1)).toEqual([1000, true]);
});

test("a jump shows one run alone, never two with a hole between", () => {
  const held = insert(range(1, 60), [...range(200, 260)]);
  expect(ends(held, around(50), 260)).toEqual([25, 60, false]);
  expect(ends(held, around(230), 260)).toEqual([205, 255, false]);
});

test("nothing held shows nothing", () => {
  expect(shown([], following([]), 0)).toEqual({ messages: [], atEnd: true });
  expect(shown([], around(5), 9)).toEqual({ messages: [], atEnd: false });
});
