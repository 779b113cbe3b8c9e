import { expect, test } from "vitest";
import { onlyFaces, pieces } from "../src/state/links";

test("an address ends where the sentence goes on", () => {
  expect(pieces("看 https://hutong.example/a?b=1，好")).toEqual([
    { text: "看 " },
    { text: "https://hutong.example/a?b=1", href: "https://hutong.example/a?b=1" },
    { text: "，好" },
  ]);
  expect(pieces("(see http://a.example/b).")[1]).toEqual({ text: "http://a.example/b", href: "http://a.example/b" });
  expect(pieces("no address")).toEqual([{ text: "no address" }]);
});

test("nothing but http and https becomes a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,x", "file:///etc", "https://"]) {
    expect(pieces(text).some((piece) => piece.href !== undefined)).toBe(false);
  }
});

test("a few faces alone are shown large, words and digits are not", () => {
  expect(["👍", "👩‍👩‍👧 🎉", "❤️"].map(onlyFaces)).toEqual([true, true, true]);
  expect(["", "1", "👍 ok", "👍👍👍👍", "#"].map(onlyFaces)).toEqual([false, false, false, false, false]);
});
