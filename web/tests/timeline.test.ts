import { describe, expect, test } from "vitest";
import { alter, find, insert, newest, placeOf, runAround } from "../src/state/timeline";
import { message } from "./cast";

const seqs = (timeline: readonly { seq: number }[]) => timeline.map(({ seq }) => seq);

describe("a timeline", () => {
  test("is sorted and holds each message once, in whatever order pages come", () => {
    const held = insert(insert(insert([], [message(5), message(6)]), [message(1), message(2)]), [
      message(6),
      message(7),
    ]);
    expect(seqs(held)).toEqual([1, 2, 5, 6, 7]);
  });

  test("keeps the key of my own send when the message comes again", () => {
    const held = insert(insert([], [{ ...message(1), key: "k" }]), [message(1), message(2)]);
    expect(held[0]!.key).toBe("k");
  });

  test("changes a message that is held and nothing else", () => {
    const held = insert([], [message(1), message(3)]);
    expect(
      find(
        alter(held, 3, (it) => ({ ...it, segments: [] })),
        3,
      )!.segments,
    ).toEqual([]);
    expect(alter(held, 2, (it) => ({ ...it, segments: [] }))).toBe(held);
  });

  test("finds the run around a message, at every place of every run", () => {
    const numbers = [1, 2, 3, 7, 10, 11, 12, 13, 20];
    const held = insert(
      [],
      numbers.map((seq) => message(seq)),
    );
    for (const [at, seq] of numbers.entries()) {
      let [begin, end] = [at, at + 1];
      while (begin > 0 && numbers[begin - 1] === numbers[begin]! - 1) begin -= 1;
      while (end < numbers.length && numbers[end] === numbers[end - 1]! + 1) end += 1;
      expect(runAround(held, seq)).toEqual({ begin, end });
    }
    expect(runAround(held, 5)).toBeNull();
    expect(placeOf(held, 8)).toBe(4);
  });

  test("hands on the newest run alone, cut to a length", () => {
    const held = insert(
      [],
      [1, 2, 5, 6, 7].map((seq) => message(seq)),
    );
    expect(seqs(newest(held, 10))).toEqual([5, 6, 7]);
    expect(seqs(newest(held, 2))).toEqual([6, 7]);
    expect(newest([], 2)).toEqual([]);
  });
});
