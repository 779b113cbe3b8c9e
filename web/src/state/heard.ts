/** What a bot has heard, as its maker looks at it: newest first, by kind, and what it would say. Pure. */
import { t } from "../i18n";
import { changedBy, whoseChange, type Change, type Frame } from "../wire/frames";
import type { Person, Segment } from "../wire/types";
import { gist } from "./segments";

export const HEARD_MAX = 500;

export interface Heard {
  event: number;
  on: string;
  chat: number | null;
  at: string;
  frame: Frame;
}

/** The event that a frame is; null for a frame that is none. */
export function heardIn(frame: Frame): Heard | null {
  const { event, on, chat, at } = frame;
  if (typeof event !== "number") return null;
  return { event, on, chat: typeof chat === "number" ? chat : null, at: typeof at === "string" ? at : "", frame };
}

/** Puts a newer event before the others. One that is there already changes nothing; the oldest make room. */
export function put(list: readonly Heard[], one: Heard): readonly Heard[] {
  const newest = list[0]?.event ?? 0;
  return one.event <= newest ? list : [one, ...list].slice(0, HEARD_MAX);
}

/** The kinds that have come, each with how many there are, the most frequent first. */
export function kindsOf(list: readonly Heard[]): { on: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { on } of list) counts.set(on, (counts.get(on) ?? 0) + 1);
  return [...counts]
    .map(([on, count]) => ({ on, count }))
    .sort((one, other) => other.count - one.count || one.on.localeCompare(other.on));
}

/** An event in one line: who, and what they said. */
export function line({ on, frame }: Heard): string {
  if (on === "message") {
    const from = frame["from"] as Person | undefined;
    const said = gist((frame["segments"] ?? []) as Segment[], String);
    return from === undefined ? said : t("try.said", { who: from.name, words: said });
  }
  const change = frame as unknown as Change;
  const who = [changedBy(change), whoseChange(change)];
  const names = who.map((one) => (one === null ? "" : (one.name ?? String(one.number)))).filter(Boolean);
  return [...new Set(names)].join(" → ");
}

export type Written = { segments: Segment[] } | { wrong: "json" | "list" | "type" };

/** The segments that somebody has written as JSON, or what is wrong with that. */
export function segmentsIn(written: string): Written {
  let parsed: unknown;
  try {
    parsed = JSON.parse(written);
  } catch {
    return { wrong: "json" };
  }
  const list = Array.isArray(parsed) ? (parsed as unknown[]) : null;
  if (list === null || list.length === 0) return { wrong: "list" };
  const typed = (one: unknown): one is Segment =>
    typeof one === "object" && one !== null && typeof (one as Segment).type === "string";
  return list.every(typed) ? { segments: list } : { wrong: "type" };
}
