/**
 * Which of the held messages are on the screen: a stretch of one run, bounded, that moves as one scrolls. Pure.
 *
 * A chat may have a million messages; the page never holds more than `SHOWN_MAX` of them.
 */
import { runAround, type Timeline } from "./timeline";

export const SHOWN_FIRST = 50;
export const SHOWN_MAX = 150;
export const STEP = 40;

/** From `low` to `high`, both shown; `high` null follows the newest. */
export interface Stretch {
  low: number;
  high: number | null;
}

export interface Shown {
  messages: Timeline;
  /** The last of them is the last that is held, and nothing newer is known of. */
  atEnd: boolean;
}

/** The newest messages. */
export function following(timeline: Timeline): Stretch {
  const last = timeline.at(-1)?.seq ?? 0;
  return { low: Math.max(1, last - SHOWN_FIRST + 1), high: null };
}

/** Around one message. */
export function around(seq: number): Stretch {
  return { low: Math.max(1, seq - SHOWN_FIRST / 2), high: seq + SHOWN_FIRST / 2 };
}

function bounds(timeline: Timeline, stretch: Stretch): { run: { begin: number; end: number }; last: number } | null {
  const last = timeline.at(-1)?.seq;
  if (last === undefined) return null;
  const inside =
    stretch.high === null ? last : timeline.find((it) => it.seq >= stretch.low && it.seq <= stretch.high!)?.seq;
  const run = inside === undefined ? null : runAround(timeline, inside);
  return run === null ? null : { run, last };
}

/** What of the timeline is shown. `lastSeq` is the newest that exists. */
export function shown(timeline: Timeline, stretch: Stretch, lastSeq: number): Shown {
  const found = bounds(timeline, stretch);
  if (found === null) return { messages: [], atEnd: lastSeq === 0 };
  const run = timeline.slice(found.run.begin, found.run.end);
  const { low, high } = stretch;
  const messages = run.filter((message) => message.seq >= low && (high === null || message.seq <= high));
  const end = messages.at(-1)?.seq;
  return { messages, atEnd: end !== undefined && end === found.last && end >= lastSeq };
}

/** One step towards older messages; the newest leave the screen where there are too many. */
export function older(timeline: Timeline, stretch: Stretch): Stretch {
  const { messages } = shown(timeline, stretch, 0);
  const low = Math.max(1, (messages[0]?.seq ?? stretch.low) - STEP);
  const last = messages.at(-1)?.seq ?? low;
  return { low, high: last - low + 1 > SHOWN_MAX ? low + SHOWN_MAX - 1 : stretch.high };
}

/** One step towards newer messages; on reaching the newest that exists, it is followed. */
export function newer(timeline: Timeline, stretch: Stretch, lastSeq: number): Stretch {
  if (stretch.high === null) return stretch;
  const high = stretch.high + STEP;
  const low = Math.max(stretch.low, high - SHOWN_MAX + 1);
  const reached = shown(timeline, { low, high }, lastSeq);
  return { low, high: reached.atEnd ? null : high };
}
