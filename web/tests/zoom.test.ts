import { expect, test } from "vitest";
import { CLOSEST, pinched, settled, swiped, WHOLE, zoomed } from "../src/views/chat/zoom";

const picture = { width: 400, height: 300 };
const page = { width: 400, height: 800 };

test("what is under the finger stays there", () => {
  const view = zoomed(WHOLE, 2, { x: 100, y: 50 });
  expect(view).toEqual({ scale: 2, x: -100, y: -50 });
  expect(zoomed(view, 1, { x: 100, y: 50 })).toEqual({ scale: 1, x: 0, y: 0 });
});

test("it comes no nearer than sharp, and goes no farther than whole", () => {
  expect(zoomed(WHOLE, 99, WHOLE).scale).toBe(CLOSEST);
  expect(zoomed(WHOLE, 0.2, WHOLE).scale).toBe(1);
});

test("no edge comes in farther than it must", () => {
  expect(settled({ scale: 2, x: 900, y: 900 }, picture, page)).toEqual({ scale: 2, x: 200, y: 0 });
  expect(settled({ scale: 1, x: -30, y: 12 }, picture, page)).toEqual(WHOLE);
});

test("a swipe turns, a pull down closes, a twitch does nothing", () => {
  expect(swiped({ x: 80, y: 10 })).toBe(-1);
  expect(swiped({ x: -80, y: 10 })).toBe(1);
  expect(swiped({ x: 10, y: 140 })).toBe("close");
  expect([swiped({ x: 30, y: 10 }), swiped({ x: 5, y: -140 })]).toEqual([0, 0]);
});

test("two fingers that part bring it nearer, between them", () => {
  const view = pinched(WHOLE, { x: 50, y: 0 }, { x: 150, y: 0 }, { x: -50, y: 0 });
  expect(view).toEqual({ scale: 2, x: 50, y: 0 });
});
