/** How many have read what I said. Nobody is told when somebody reads, so it is asked for now and then. */
import { SvelteMap } from "svelte/reactivity";
import { readCounts } from "../wire/chats";

const ASK_AFTER_MS = 1_200;

const counts = new SvelteMap<string, number>();
let asking: ReturnType<typeof setTimeout> | undefined;

/** How many have read it, as far as that was asked for. */
export function readersOf(chat: number, seq: number): number {
  return counts.get(`${chat} ${seq}`) ?? 0;
}

/** Asks for my messages among these, once things have come to rest. */
export function askReaders(chat: number, mine: readonly number[]): void {
  clearTimeout(asking);
  const [first, last] = [mine[0], mine.at(-1)];
  if (first === undefined || last === undefined) return;
  asking = setTimeout(async () => {
    const answer = await readCounts(chat, first, last).catch(() => null);
    answer?.items.forEach(({ seq, read }) => counts.set(`${chat} ${seq}`, read));
  }, ASK_AFTER_MS);
}

export function forgetReaders(): void {
  clearTimeout(asking);
  counts.clear();
}
