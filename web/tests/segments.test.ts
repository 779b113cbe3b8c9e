import { describe, expect, test } from "vitest";
import type { Segment } from "../src/wire/types";
import { carried, compose, gist, mentionAt, onlyShown, writing } from "../src/state/segments";

describe("composing", () => {
  test("turns picked names into mentions and leaves the rest as text", () => {
    const picked = [
      { number: 10001, name: "林" },
      { number: 10003, name: "林见" },
      { number: null, name: "所有人" },
    ];
    expect(compose("  @林见 在吗？@所有人 @陌生人", picked, 7)).toEqual([
      { type: "reply", seq: 7 },
      { type: "mention", number: 10003, name: "林见" },
      { type: "text", text: " 在吗？" },
      { type: "mention", all: true },
      { type: "text", text: " @陌生人" },
    ]);
  });

  test("keeps faces whole", () => {
    expect(compose("👩‍👩‍👧 好", [], null)).toEqual([{ type: "text", text: "👩‍👩‍👧 好" }]);
  });
});

test("an @ is seen where a name can follow, not in an address", () => {
  expect(mentionAt("你好@林", 4)).toEqual({ from: 2, query: "林" });
  expect(mentionAt("@", 1)).toEqual({ from: 0, query: "" });
  expect(mentionAt("a@b", 3)).toBeNull();
  expect(mentionAt("@林见 好", 5)).toBeNull();
});

test("a message is told in one line", () => {
  const segments = [
    { type: "reply", seq: 3 },
    { type: "mention", number: 10001 },
    { type: "text", text: " 来\n一下" },
    { type: "hologram" },
  ];
  expect(gist(segments, (number) => `#${number}`)).toBe("@#10001 来 一下[暂不支持的内容]");
});

const image = (media: string) => ({ type: "image", media });

test("what a message shows stands in its line as a word", () => {
  const line = (...segments: Segment[]) => gist(segments, String);
  const words = { type: "text", text: "看" };
  expect(line(image("a"), words)).toBe("[图片] 看");
  expect(line(image("a"), image("b"), words)).toBe("[2 张图片] 看");
  expect(line({ type: "file", media: "f", name: "账本.xlsx" })).toBe("[文件] 账本.xlsx");
  expect(line({ type: "voice", media: "v" })).toBe("[语音]");
});

test("of a message one copies the writing, and saves the rest", () => {
  const segments = [{ type: "reply", seq: 1 }, image("a"), { type: "text", text: "看" }, { type: "file", media: "f" }];
  expect(writing(segments, String)).toBe("看");
  expect(carried(segments)).toEqual(["a", "f"]);
});

test("pictures alone stand without a bubble", () => {
  expect(onlyShown([image("a"), image("b")])).toBe(true);
  expect([onlyShown([]), onlyShown([image("a"), { type: "text", text: "看" }])]).toEqual([false, false]);
});
