/** What went wrong, as a sentence in the reader's language. */
import { full, refusal, t, type Params } from "../i18n";
import { Problem, Unreachable } from "../wire/http";

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** The server gives moments in UTC; they are told in the reader's own zone. */
function readable(params: Params): Params {
  const told = (value: string | number) => (typeof value === "string" && MOMENT.test(value) ? full(value) : value);
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, told(value)]));
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
