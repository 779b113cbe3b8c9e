/** What went wrong, as a sentence in the reader's language. */
import { full, lasting, refusal, size, t, type Params } from "../i18n";
import { Problem, Unreachable } from "../wire/http";

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/**
 * The server gives moments in UTC, sizes in bytes and lengths of time in seconds, as their names say; people are told
 * the time of their own zone, megabytes and minutes.
 */
export function readable(params: Params): Params {
  const told = (name: string, value: string | number) => {
    if (typeof value === "string") return MOMENT.test(value) ? full(value) : value;
    if (name === "bytes_max" || name === "size_bytes") return size(value);
    return name.endsWith("_s") ? lasting(value) : value;
  };
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, told(name, value)]));
}

/** The words for a refusal: ours for its code, or the server's own. */
export function words(code: string, detail: string, params: Params = {}): string {
  return refusal(code, readable(params)) ?? (detail || t("failed.unknown"));
}

export function sentence(error: unknown): string {
  if (error instanceof Problem) return words(error.code, error.detail, error.params);
  if (error instanceof Unreachable) return t("failed.unreachable");
  return t("failed.unknown");
}

export function missing(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

let told = $state.raw<{ text: string } | null>(null);

/** A problem of something that one did in passing: the page shows it for a moment. */
export const problems = {
  get last(): { text: string } | null {
    return told;
  },
  tell(error: unknown): void {
    told = { text: sentence(error) };
  },
  /** A word in passing that is no problem. */
  note(text: string): void {
    told = { text };
  },
};
