/** Which language is spoken, and how a sentence is found and filled. */
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh-Hans" | "en";
export type Key = keyof typeof zh;
export type Params = Record<string, string | number>;

const books: Record<Language, Record<Key, string>> = { "zh-Hans": zh, en };

/** The language of the first wish of the reader that we speak. */
export function preferred(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    if (wish.toLowerCase().startsWith("zh")) return "zh-Hans";
    if (wish.toLowerCase().startsWith("en")) return "en";
  }
  return "en";
}

let spoken = $state<Language>("zh-Hans");

export function language(): Language {
  return spoken;
}

export function speak(wanted: Language): void {
  spoken = wanted;
  document.documentElement.lang = wanted;
}

/** Numbers by which people and groups are found, and years, are no amounts. */
const NO_AMOUNT = /^(number|year|year_min|year_max)$/;

/** An amount with its digits in groups, as the language has them. */
export function counted(amount: number, spokenIn: Language): string {
  return new Intl.NumberFormat(spokenIn).format(amount);
}

/** Fills `{names}`; of `one|many` the form that `n` asks for is taken. */
export function fill(text: string, params: Params, spokenIn: Language): string {
  const forms = text.split("|");
  const single = forms.length > 1 && new Intl.PluralRules(spokenIn).select(Number(params["n"] ?? 2)) === "one";
  const form = (forms.length > 1 ? (single ? forms[0] : forms[1]) : text) ?? text;
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name] ?? whole;
    return typeof value === "number" && !NO_AMOUNT.test(name) ? counted(value, spokenIn) : String(value);
  });
}

/** The sentence for a key in the language spoken. */
export function t(key: Key, params: Params = {}): string {
  return fill(books[spoken][key], params, spoken);
}

/** The sentence for a server's refusal, or null where we have none of our own for its code. */
export function refusal(code: string, params: Params): string | null {
  const key = `error.${code}` as Key;
  return key in zh ? t(key, params) : null;
}
