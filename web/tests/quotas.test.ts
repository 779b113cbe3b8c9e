/** The calls of a day. */
import { expect, test } from "vitest";
import { beginsAnew, share, strainOf } from "../src/views/openplatform/quotas";

const of = (used: number, count_max = 1_000) => ({ method: "post_message", used, count_max });

test("a bar shows the share of the day, and what was used at all is to be seen", () => {
  expect(share(of(0))).toBe(0);
  expect(share(of(1, 500_000))).toBeGreaterThan(0.5);
  expect(share(of(250))).toBe(25);
  expect(share(of(2_000))).toBe(100);
  expect(share(of(0, 0))).toBe(0);
});

test("it is told when it gets tight", () => {
  expect([strainOf(of(799)), strainOf(of(800)), strainOf(of(1_000))]).toEqual(["easy", "near", "full"]);
});

test("counting begins anew at the next midnight of UTC", () => {
  expect(beginsAnew(new Date("2026-12-31T23:59:59Z"))).toBe("2027-01-01T00:00:00.000Z");
  expect(beginsAnew(new Date("2026-11-28T00:00:00Z"))).toBe("2026-11-29T00:00:00.000Z");
});
