/** Times in the reader's own zone, as short as they can be understood. */
import { language, t } from "./words.svelte";

const DAY_MS = 86_400_000;

function midnight(moment: Date): number {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();
}

/** Whole days from the day of `moment` to the day of `now` by the reader's calendar. */
export function daysAgo(moment: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(moment)) / DAY_MS);
}

function said(moment: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language(), options).format(moment);
}

export function clock(at: string): string {
  return said(new Date(at), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** For a list: the time today, "yesterday", the weekday, or the date. */
export function brief(at: string, now = new Date()): string {
  const moment = new Date(at);
  const days = daysAgo(moment, now);
  if (days <= 0) return clock(at);
  if (days === 1) return t("time.yesterday");
  if (days < 7) return said(moment, { weekday: "short" });
  if (moment.getFullYear() === now.getFullYear()) return said(moment, { month: "numeric", day: "numeric" });
  return said(moment, { year: "numeric", month: "numeric", day: "numeric" });
}

/** The day alone, also of one that is still to come. */
export function date(at: string, now = new Date()): string {
  const moment = new Date(at);
  const year = moment.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return said(moment, { ...year, month: "numeric", day: "numeric" });
}

/** For a line between two days of a conversation. */
export function day(at: string, now = new Date()): string {
  const moment = new Date(at);
  const days = daysAgo(moment, now);
  if (days <= 0) return t("time.today");
  if (days === 1) return t("time.yesterday");
  const year = moment.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return said(moment, { ...year, month: "long", day: "numeric", weekday: "long" });
}

/** The whole of it: for a title or a list of devices. */
export function full(at: string): string {
  return said(new Date(at), { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
}
