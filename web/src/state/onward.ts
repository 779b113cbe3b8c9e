/** The places in front of the door, and where one goes on to from there. Pure. */
export const DOORS = ["/sign-in", "/sign-up"] as const;

export function isDoor(path: string): boolean {
  return DOORS.some((door) => door === path);
}

/** The place that was asked for, if it is one of ours and inside; else the first of all. */
export function onwardTo(next: string | null, origin: string): string {
  if (next === null || !URL.canParse(next, origin)) return "/";
  const there = new URL(next, origin);
  return there.origin === origin && !isDoor(there.pathname) ? there.pathname + there.search : "/";
}

/** The address of a door from which one goes on to `next`. */
export function onTheWayTo(next: string, door: (typeof DOORS)[number]): string {
  return next === "/" ? door : `${door}?next=${encodeURIComponent(next)}`;
}
