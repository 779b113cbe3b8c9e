/** Why I may not speak here just now, if so. */
import type { Room } from "./room";

export type Silence = { until: string } | { all: true };

export function silence({ detail }: Room, now = Date.now()): Silence | null {
  if (detail === null) return null;
  const { role, muted_until } = detail.me;
  if (muted_until !== null && muted_until !== undefined && Date.parse(muted_until) > now) return { until: muted_until };
  return detail.group?.mute_all === true && role === "member" ? { all: true } : null;
}
