/**
 * The messages of a chat that this client holds: sorted by `seq`, each once.
 *
 * `seq` is dense, so messages whose numbers follow each other form a run with nothing missing in it; where a page
 * was jumped to, there are several runs with holes between them.
 */
import type { Message } from "../wire/types";

/** `key` is that of my own send, so that its line on the screen stays the same when the server has numbered it. */
export type HeldMessage = Message & { key?: string | undefined };
export type Timeline = readonly HeldMessage[];

/** Where `seq` stands, or where it would. */
export function placeOf(timeline: Timeline, seq: number): number {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeline[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function find(timeline: Timeline, seq: number): HeldMessage | undefined {
  const found = timeline[placeOf(timeline, seq)];
  return found?.seq === seq ? found : undefined;
}

/** Adds messages; one that is held already is replaced by what came, and keeps its key. */
export function insert(timeline: Timeline, fresh: readonly HeldMessage[]): Timeline {
  if (fresh.length === 0) return timeline;
  const last = timeline.at(-1);
  if (fresh.length === 1 && (last === undefined || last.seq < fresh[0]!.seq)) return [...timeline, fresh[0]!];
  const bySeq = new Map(timeline.map((message) => [message.seq, message]));
  for (const message of fresh) {
    const key = message.key ?? bySeq.get(message.seq)?.key;
    bySeq.set(message.seq, key === undefined ? message : { ...message, key });
  }
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq);
}

/** Changes one message, where it is held. */
export function alter(timeline: Timeline, seq: number, act: (message: HeldMessage) => HeldMessage): Timeline {
  const at = placeOf(timeline, seq);
  if (timeline[at]?.seq !== seq) return timeline;
  return timeline.with(at, act(timeline[at]));
}

/** The run that holds `seq`, from `begin` up to but without `end`; null where `seq` is not held. */
export function runAround(timeline: Timeline, seq: number): { begin: number; end: number } | null {
  const at = placeOf(timeline, seq);
  if (timeline[at]?.seq !== seq) return null;
  const offset = timeline[at].seq - at;
  const together = (index: number) => timeline[index]!.seq - index === offset;
  let [low, high] = [0, at];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (together(middle)) high = middle;
    else low = middle + 1;
  }
  const begin = low;
  [low, high] = [at + 1, timeline.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (together(middle)) low = middle + 1;
    else high = middle;
  }
  return { begin, end: low };
}

/** The newest run, without the older ones, and no longer than `most`: what is worth keeping for the next visit. */
export function newest(timeline: Timeline, most: number): Timeline {
  const last = timeline.at(-1);
  if (last === undefined) return [];
  const { begin } = runAround(timeline, last.seq)!;
  return timeline.slice(Math.max(begin, timeline.length - most));
}
