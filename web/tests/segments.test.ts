import { describe, expect, test } from "vitest";
import { compose, gist, mentionAt } from "../src/state/segments";

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
