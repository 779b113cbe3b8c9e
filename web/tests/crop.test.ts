import { expect, test } from "vitest";
import { covering, squareOf } from "../src/views/avatar/crop";
import { WHOLE } from "../src/views/chat/zoom";

const wide = { width: 1200, height: 600 };

test("a picture just covers the window", () => {
  expect(covering(wide, 300)).toEqual({ width: 600, height: 300 });
  expect(covering({ width: 50, height: 100 }, 300)).toEqual({ width: 300, height: 600 });
});

test("the middle is taken unless it was moved", () => {
  expect(squareOf(wide, 300, WHOLE)).toEqual({ left: 300, top: 0, size: 600 });
  expect(squareOf(wide, 300, { scale: 1, x: 150, y: 0 })).toEqual({ left: 0, top: 0, size: 600 });
});

test("nearer takes less, and never anything beside the picture", () => {
  expect(squareOf(wide, 300, { scale: 2, x: 0, y: 0 })).toEqual({ left: 450, top: 150, size: 300 });
  expect(squareOf(wide, 300, { scale: 2, x: -9999, y: 9999 })).toEqual({ left: 900, top: 0, size: 300 });
});
