/** What somebody fills into the form of a bot, looked at before it is sent: the server does so again. */
import { t } from "../i18n";
import type { FormField } from "../wire/bots";

const TEXT_CHARS_MAX = 2_000;

/** How many characters a field of words takes. */
export const longestOf = ({ max }: FormField): number =>
  typeof max === "number" ? Math.min(max, TEXT_CHARS_MAX) : TEXT_CHARS_MAX;

function outside(value: number, { min, max }: FormField): string | undefined {
  if (typeof min === "number" && value < min) return t("form.least", { min });
  if (typeof max === "number" && value > max) return t("form.most", { max });
  return undefined;
}

/** What is wrong with a value, as a sentence; undefined where nothing is. */
export function wrongIn(field: FormField, written: string): string | undefined {
  const value = written.trim();
  if (value === "") return field.required === true ? t("form.required") : undefined;
  if (field.kind === "number") {
    return /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? outside(Number(value), field) : t("form.number");
  }
  if (field.kind === "date") {
    if (!/^\d{4}-\d\d-\d\d$/.test(value)) return t("form.date");
    if (typeof field.min === "string" && value < field.min) return t("form.from", { min: field.min });
    if (typeof field.max === "string" && value > field.max) return t("form.until", { max: field.max });
    return undefined;
  }
  const least = field.kind === "choice" ? null : field.min;
  if (typeof least === "number" && [...value].length < least) return t("form.longer", { min: least });
  return undefined;
}

/** The fields that are wrong, by name. */
export function wrongOf(
  fields: readonly FormField[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const told = fields.map((field) => [field.name, wrongIn(field, values[field.name] ?? "")] as const);
  return Object.fromEntries(told.filter((one): one is readonly [string, string] => one[1] !== undefined));
}
