import { expect, test } from "vitest";
import { columnsFor, filmFrame, frameOf, HIGHEST_PX, NARROWEST_PX, WIDEST_PX } from "../src/views/chat/framing";

test("a picture keeps its shape within bounds", () => {
  expect(frameOf(4000, 3000)).toEqual({ width: WIDEST_PX, height: 195 });
  expect(frameOf(3000, 4000)).toEqual({ width: 240, height: HIGHEST_PX });
});

test("a small one is not blown up, and a thin one can still be pressed", () => {
  expect(frameOf(120, 100)).toEqual({ width: 120, height: 100 });
  expect(frameOf(100, 5000)).toEqual({ width: NARROWEST_PX, height: HIGHEST_PX });
  expect(frameOf(16, 16)).toEqual({ width: NARROWEST_PX, height: NARROWEST_PX });
});

test("one of unknown size has a place nevertheless", () => {
  expect(frameOf(undefined, undefined)).toEqual({ width: WIDEST_PX, height: 195 });
});

test("four stand two by two, more stand in threes", () => {
  expect([1, 2, 3, 4, 5, 9].map(columnsFor)).toEqual([1, 2, 3, 2, 3, 3]);
});

test("a film keeps its shape, and has room for its buttons", () => {
  expect(filmFrame(64, 48)).toEqual({ width: WIDEST_PX, height: 195 });
  expect(filmFrame(1080, 1920)).toEqual({ width: 180, height: HIGHEST_PX });
  expect(filmFrame(undefined, 0)).toEqual({ width: WIDEST_PX, height: 146 });
});
