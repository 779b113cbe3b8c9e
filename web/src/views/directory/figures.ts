/** Counts as bars: how long, and of which days. Pure. */
import type { GrantDay } from "../../wire/directory";

const DAY_MS = 86_400_000;
const LEAST_SEEN = 2;

/** Per cent of a whole; what is there at all is to be seen. */
export function shareOf(count: number, whole: number): number {
  if (count <= 0 || whole <= 0) return 0;
  return Math.min(100, Math.max(LEAST_SEEN, (count / whole) * 100));
}

/** Every day from the first to the last that anything is known of, also those on which nothing came. */
export function everyDay(days: readonly GrantDay[], begun_at: string, until: string): GrantDay[] {
  const known = new Map(days.map((day) => [day.day, day]));
  const named = [...known.keys(), begun_at.slice(0, 10), until.slice(0, 10)].sort();
  const first = Date.parse(named[0]!);
  const last = Date.parse(named.at(-1)!);
  return Array.from({ length: Math.round((last - first) / DAY_MS) + 1 }, (_, index) => {
    const day = new Date(first + index * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, showings: 0, opened: 0, installed: 0 };
  });
}
