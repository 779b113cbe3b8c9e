/** How much of what this site takes; where it has not been asked yet, what sites take unless told otherwise. */
import { session } from "./session.svelte";

const USUAL = {
  text_chars_max: 5_000,
  name_chars_max: 40,
  about_chars_max: 300,
  description_chars_max: 1_000,
  announcement_chars_max: 2_000,
  city_chars_max: 40,
  question_chars_max: 200,
  answer_chars_max: 500,
  password_chars_min: 8,
  password_chars_max: 200,
  press_answer_wait_s: 15,
  upload_bytes_max: 100 * 1024 * 1024,
  sandbox_members_max: 20,
};

/** These are the same everywhere. */
export const HANDLE_CHARS_MAX = 30;
export const REASON_CHARS_MAX = 500;
export const PASSKEY_NAME_CHARS_MAX = 60;
export const QUERY_CHARS_MAX = 200;
export const APP_QUERY_CHARS_MAX = 100;
export const INTERESTS_MAX = 20;
export const INTEREST_CHARS_MAX = 30;
export const NOTE_CHARS_MAX = 100;
export const TAGLINE_CHARS_MAX = 60;
export const APP_ABOUT_CHARS_MAX = 2_000;
export const NEWS_CHARS_MAX = 1_000;
export const RATING_CHARS_MAX = 500;
export const REPLY_CHARS_MAX = 500;
export const SCREENSHOTS_MAX = 8;

export function limit(name: keyof typeof USUAL): number {
  return session.site?.limits[name] ?? USUAL[name];
}
