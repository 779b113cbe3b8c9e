/** What went wrong, as a sentence in the reader's language. */
import { refusal, t } from "../i18n";
import { Problem, Unreachable } from "../wire/http";

export function sentence(error: unknown): string {
  if (error instanceof Problem) return refusal(error.code, error.params) ?? (error.detail || t("failed.unknown"));
  if (error instanceof Unreachable) return t("failed.unreachable");
  return t("failed.unknown");
}

export function missing(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}
