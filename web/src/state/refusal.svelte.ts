/** What the server refuses of a form: told at the field that it is about, or else for the form as a whole. */
import { t } from "../i18n";
import { Problem } from "../wire/http";
import { sentence } from "./problems.svelte";

/** The fields that codes are about, as forms call them. */
const FIELDS: Record<string, string> = {
  "chat.announcement_empty": "text",
  "chat.answer_needed": "answer",
  "chat.bad_group_name": "name",
  "directory.category_missing": "category",
  "directory.name_missing": "name",
  "directory.tagline_missing": "tagline",
  "identity.bad_about": "about",
  "identity.bad_birth_year": "birth_year",
  "identity.bad_email": "email",
  "identity.bad_handle": "handle",
  "identity.bad_nickname": "nickname",
  "identity.bad_password": "password",
  "identity.email_taken": "email",
  "identity.handle_reserved": "handle",
  "identity.handle_taken": "handle",
  "identity.invitation_needed": "invitation",
  "identity.second_factor_wrong": "code",
  "identity.wrong_password": "old",
  "openplatform.bad_app_name": "name",
  "openplatform.bad_mini_url": "mini_app",
  "openplatform.bad_outlet": "url",
  "openplatform.no_such_bot": "bot",
};

/** Those that say themselves which field they are about. */
const NAMES_FIELD = new Set(["chat.text_too_long", "chat.bad_answer", "directory.text_too_long"]);

/** What has the wrong form names its field first: ``city: Expected `str` of length <= 60``. */
const MISSHAPEN = "hutong.invalid";

export function fieldOf(error: unknown): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.code === MISSHAPEN) return /^(\w+): /.exec(String(error.params["reason"]))?.[1];
  return NAMES_FIELD.has(error.code) ? String(error.params["field"]) : FIELDS[error.code];
}

export class Refusal {
  private told = $state.raw<{ text: string; field?: string | undefined; value?: unknown } | null>(null);

  /** Takes over what went wrong with a form of these fields. */
  take(error: unknown, form: Readonly<Record<string, unknown>> = {}): void {
    const field = fieldOf(error);
    if (field === undefined || !(field in form)) {
      this.told = { text: sentence(error) };
      return;
    }
    const misshapen = error instanceof Problem && error.code === MISSHAPEN;
    this.told = { text: misshapen ? t("field.misshapen") : sentence(error), field, value: form[field] };
  }

  /** The sentence at a field, as long as what was refused still stands in it. */
  at(field: string, value: unknown): string | undefined {
    return this.told?.field === field && this.told.value === value ? this.told.text : undefined;
  }

  /** The sentence for the form as a whole. */
  get whole(): string {
    return this.told !== null && this.told.field === undefined ? this.told.text : "";
  }

  clear(): void {
    this.told = null;
  }
}
