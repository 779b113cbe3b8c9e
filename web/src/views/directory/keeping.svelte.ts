/** A draft of a version, kept on the server while it is written. */
import { APP_ABOUT_CHARS_MAX, limit, NEWS_CHARS_MAX, TAGLINE_CHARS_MAX } from "../../state/limits";
import { Refusal } from "../../state/refusal.svelte";
import { charsOf } from "../../ui/counting";
import { changeVersion, type Version, type VersionForm } from "../../wire/directory";
import { changed, formOf } from "./versions";

/** Whether something else than our own pages can be opened there. */
export function isAddress(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === "https:";
}

/** What the server would not take is not sent: it stays on the page, where it is marked. */
function sendable(changes: Partial<VersionForm>): Partial<VersionForm> {
  const longest = {
    name: limit("name_chars_max"),
    tagline: TAGLINE_CHARS_MAX,
    about: APP_ABOUT_CHARS_MAX,
    news: NEWS_CHARS_MAX,
  } as const;
  const fits = (field: string, value: unknown) => {
    if (field === "mini_app") return value === null || String(value).startsWith("/") || isAddress(String(value));
    return !(field in longest) || charsOf(String(value)) <= longest[field as keyof typeof longest];
  };
  return Object.fromEntries(Object.entries(changes).filter(([field, value]) => fits(field, value)));
}

export class Draft {
  form: VersionForm;
  readonly refusal = new Refusal();
  private kept = $state.raw<VersionForm>() as VersionForm;
  private turn: Promise<boolean> = Promise.resolve(true);
  /** How many savings are on their way. */
  private running = $state(0);

  constructor(
    private readonly app: number,
    version: Version,
  ) {
    this.number = version.version;
    this.form = $state(formOf(version));
    this.kept = formOf(version);
  }

  readonly number: number;

  get standing(): "kept" | "keeping" | "touched" {
    if (this.running > 0) return "keeping";
    return Object.keys(changed(this.kept, this.form)).length === 0 ? "kept" : "touched";
  }

  /** Answers whether all that could be sent is kept. One saving waits for the other. */
  keep(): Promise<boolean> {
    this.turn = this.turn.then(() => this.send());
    return this.turn;
  }

  private async send(): Promise<boolean> {
    const now = formOf(this.form);
    const changes = sendable(changed(this.kept, now));
    if (Object.keys(changes).length === 0) return true;
    this.running += 1;
    this.refusal.clear();
    try {
      await changeVersion(this.app, this.number, changes);
      this.kept = { ...this.kept, ...changes };
      return true;
    } catch (error) {
      this.refusal.take(error, { ...now });
      return false;
    } finally {
      this.running -= 1;
    }
  }
}
