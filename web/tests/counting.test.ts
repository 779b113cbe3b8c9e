import { expect, test } from "vitest";
import { charsOf, isNear } from "../src/ui/counting";

test("characters are counted as the server counts them", () => {
  // An accent that stands alone is one with its letter; a face outside the first plane is one, not two.
  expect(["", "  林见 ", "e\u0301", "🎉", "a b"].map(charsOf)).toEqual([0, 2, 1, 1, 3]);
});

test("how full a field is is told over its last ten characters, or the last tenth", () => {
  expect([29, 30, 40, 43].map((chars) => isNear(chars, 40))).toEqual([false, true, true, true]);
  expect([899, 900].map((chars) => isNear(chars, 1_000))).toEqual([false, true]);
});
