import { expect, test } from "vitest";
import { gallery } from "../src/views/chat/looking";
import { alice, bob, message, room } from "./cast";

const picture = (media: string) => ({ type: "image", media, width: 4, height: 3 });
const messages = [
  message(1, alice, [picture("a1"), picture("a2")]),
  { ...message(2, alice, [picture("gone")]), recalled: true },
  message(3, bob, [{ type: "text", text: "no picture" }]),
  message(4, bob, [{ type: "text", text: "mine" }, picture("b1")]),
];
const held = { ...room(), messages };

test("from a picture of a message one looks on to those around it", () => {
  const { looks, at } = gallery(held, { from: "Bob", at: "", pictures: [picture("b1")], index: 0, seq: 4 });
  expect(looks.map(({ media, from }) => [media, from])).toEqual([
    ["a1", "Alice"],
    ["a2", "Alice"],
    ["b1", "Bob"],
  ]);
  expect(at).toBe(2);
});

test("what was forwarded is looked at by itself, and so is what is not held any more", () => {
  const asked = { from: "Chen", at: "", pictures: [picture("f1"), picture("f2")], index: 1 };
  expect(gallery(held, asked)).toMatchObject({ looks: [{ media: "f1" }, { media: "f2" }], at: 1 });
  expect(gallery(held, { ...asked, seq: 99 })).toMatchObject({ looks: [{ media: "f1" }, { media: "f2" }], at: 1 });
  expect(gallery(undefined, { ...asked, seq: 1 }).at).toBe(1);
});
