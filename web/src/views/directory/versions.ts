/** Versions of what people see of an app: how one differs from another, and what a draft still lacks. */
import { t } from "../../i18n";
import type { Version, VersionForm } from "../../wire/directory";
import { SCOPES, type Scope } from "../../wire/openplatform";

export function formOf(version: VersionForm): VersionForm {
  const { name, tagline, about, category, icon, mini_app, news } = version;
  return {
    name,
    tagline,
    about,
    category,
    icon,
    mini_app,
    news,
    screenshots: [...version.screenshots],
    scopes: [...version.scopes],
  };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The fields that are not as they were, with what stands in them now. */
export function changed(before: VersionForm, now: VersionForm): Partial<VersionForm> {
  return Object.fromEntries(
    Object.entries(now).filter(([field, value]) => !same(before[field as keyof VersionForm], value)),
  );
}

export type Lack = "name" | "tagline" | "category" | "door";

/** What must be there before a draft can be looked at. People come to an app by a bot or by its mini app. */
export function lacks(form: VersionForm, bots: number): Lack[] {
  const all: [Lack, boolean][] = [
    ["name", form.name.trim() === ""],
    ["tagline", form.tagline.trim() === ""],
    ["category", form.category === null],
    ["door", bots === 0 && !form.mini_app],
  ];
  return all.filter(([, is]) => is).map(([lack]) => lack);
}

const scopes = (some: readonly Scope[]) => some.map((one) => t(`scope.${one}`)).join(t("and.list"));

function ofScopes(before: readonly Scope[], now: readonly Scope[]): string[] {
  const more = SCOPES.filter((one) => now.includes(one) && !before.includes(one));
  const less = SCOPES.filter((one) => before.includes(one) && !now.includes(one));
  return [
    ...(more.length > 0 ? [t("diff.scopes_more", { scopes: scopes(more) })] : []),
    ...(less.length > 0 ? [t("diff.scopes_less", { scopes: scopes(less) })] : []),
  ];
}

function ofScreenshots(before: readonly string[], now: readonly string[]): string[] {
  const added = now.filter((one) => !before.includes(one)).length;
  const gone = before.filter((one) => !now.includes(one)).length;
  if (added === 0 && gone === 0) return same(before, now) ? [] : [t("diff.screenshots_order")];
  return [
    ...(added > 0 ? [t("diff.screenshots_more", { n: added })] : []),
    ...(gone > 0 ? [t("diff.screenshots_less", { n: gone })] : []),
  ];
}

const category = (of: VersionForm) => (of.category === null ? "–" : t(`directory.category.${of.category}`));

function ofMiniApp(before: string | null, now: string | null): string[] {
  if ((before ?? "") === (now ?? "")) return [];
  if (!now) return [t("diff.mini_gone")];
  return [now.startsWith("/") ? t("diff.mini_here") : t("diff.mini", { address: now })];
}

/** Sentences for what is different between two versions; none where people see the same. */
export function differences(before: VersionForm, now: VersionForm): string[] {
  return [
    ...(before.name === now.name ? [] : [t("diff.name", { before: before.name, after: now.name })]),
    ...(before.tagline === now.tagline ? [] : [t("diff.tagline", { after: now.tagline })]),
    ...(before.about === now.about ? [] : [t("diff.about")]),
    ...(before.category === now.category
      ? []
      : [t("diff.category", { before: category(before), after: category(now) })]),
    ...(before.icon === now.icon ? [] : [t("diff.icon")]),
    ...ofScreenshots(before.screenshots, now.screenshots),
    ...ofScopes(before.scopes, now.scopes),
    ...ofMiniApp(before.mini_app, now.mini_app),
  ];
}

/** The version that this one is to be compared with: the last one before it that was approved. */
export function before(all: readonly Version[], version: Version): Version | undefined {
  return all
    .filter((one) => one.version < version.version && one.state === "approved")
    .sort((one, other) => other.version - one.version)[0];
}

/** The one that is being written or looked at, of which there is one at most. */
export function pending(all: readonly Version[]): Version | undefined {
  return all.find((one) => one.state === "draft" || one.state === "submitted");
}

/** Where one goes on writing: in a draft, or in the newest one where that was rejected. */
export function open(all: readonly Version[]): Version | undefined {
  const newest = [...all].sort((one, other) => other.version - one.version)[0];
  return pending(all) ?? (newest?.state === "rejected" ? newest : undefined);
}
