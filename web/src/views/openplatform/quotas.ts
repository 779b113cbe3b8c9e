/** How much of a day's calls is used: what is worth a bar, and when it begins anew. Pure. */
import type { Quota } from "../../wire/openplatform";

const NEARLY = 0.8;

export type Strain = "easy" | "near" | "full";

export function strainOf({ used, count_max }: Quota): Strain {
  if (used >= count_max) return "full";
  return used >= count_max * NEARLY ? "near" : "easy";
}

/** Per cent of a day's calls; what was used at all is to be seen. */
export function share({ used, count_max }: Quota): number {
  if (used <= 0 || count_max <= 0) return 0;
  return Math.min(100, Math.max(0.8, (used / count_max) * 100));
}

/** The next midnight of UTC. */
export function beginsAnew(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)).toISOString();
}
