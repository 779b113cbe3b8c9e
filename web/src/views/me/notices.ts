/** Where a notice leads to. Pure. */
import type { Notice } from "../../wire/notices";

/** What an app's developer is told leads to its pages for them, and what everybody is told to its page for all. */
const DEVELOPERS: Record<string, string> = {
  "directory.version_approved": "publish",
  "directory.version_rejected": "publish",
  "directory.rolled_back": "publish",
  "directory.grant_begun": "grants",
  "directory.grant_ended": "grants",
};
const EVERYBODYS = new Set(["directory.rated", "directory.replied"]);

export function placeOf({ kind, about }: Pick<Notice, "kind" | "about">): string | null {
  const app = /^app:(\d{1,15})(?:$|:)/.exec(about)?.[1];
  if (app === undefined) return null;
  if (EVERYBODYS.has(kind)) return `/directory/${app}`;
  return kind in DEVELOPERS ? `/me/apps/${app}/${DEVELOPERS[kind]}` : null;
}
