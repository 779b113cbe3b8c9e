/** Amounts as the reader's language writes them. */
import { counted, language, t } from "./words.svelte";

const STEP = 1024;
const UNITS = ["B", "KB", "MB", "GB"] as const;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;

export function amount(of: number): string {
  return counted(of, language());
}

/** The size of a file: whole below a megabyte, to the tenth above. */
export function size(bytes: number): string {
  const unit = UNITS.findLastIndex((_, power) => bytes >= STEP ** power || power === 0);
  const tenths = unit < 2 ? 1 : 10;
  return `${amount(Math.round((bytes / STEP ** unit) * tenths) / tenths)} ${UNITS[unit]}`;
}

/** How long something lasts, in the unit in which people would say it; rather too long than too short. */
export function lasting(seconds: number): string {
  if (seconds < 2 * MINUTE_S) return t("time.seconds", { n: seconds });
  if (seconds < 2 * HOUR_S) return t("time.minutes", { n: Math.ceil(seconds / MINUTE_S) });
  return t("time.hours", { n: Math.ceil(seconds / HOUR_S) });
}
