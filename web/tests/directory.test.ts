/** The directory of apps: what a version differs in and lacks, how its figures stand as bars, where notices lead. */
import { beforeEach, expect, test, vi } from "vitest";
import { speak } from "../src/i18n";
import { everyDay, shareOf } from "../src/views/directory/figures";
import { before, changed, differences, formOf, lacks, open } from "../src/views/directory/versions";
import { placeOf } from "../src/views/me/notices";
import type { Version, VersionForm } from "../src/wire/directory";

const form: VersionForm = {
  name: "Shelf",
  tagline: "Reads along",
  about: "Keeps count.",
  category: "study",
  icon: null,
  screenshots: ["a", "b"],
  scopes: ["send"],
  mini_app: null,
  news: "",
};
const version = (number: number, state: Version["state"], of: Partial<Version> = {}): Version => ({
  ...form,
  version: number,
  state,
  live: false,
  reasons: "",
  made_at: "2026-11-01T00:00:00Z",
  submitted_at: null,
  decided_at: null,
  ...of,
});

beforeEach(() => {
  vi.stubGlobal("document", { documentElement: {} });
  speak("en");
});

test("two versions that people see alike differ in nothing, whatever their news", () => {
  expect(differences(form, { ...form, news: "Faster." })).toEqual([]);
});

test("what is different is told in words", () => {
  const now: VersionForm = {
    ...form,
    name: "Bookshelf",
    category: "tools",
    screenshots: ["b", "c", "d"],
    scopes: ["read_mentions"],
    mini_app: "https://shelf.example/",
  };
  expect(differences(form, now)).toEqual([
    "Called “Bookshelf”, no longer “Shelf”",
    "Under “Tools”, no longer “Learning”",
    "2 screenshots more",
    "1 screenshot less",
    expect.stringMatching(/^Also asks to: ./),
    expect.stringMatching(/^No longer asks to: ./),
    "The mini app is at https://shelf.example/",
  ]);
  expect(differences(form, { ...form, screenshots: ["b", "a"] })).toEqual(["Screenshots in another order"]);
  expect(differences(now, { ...now, mini_app: "/mini/7/" })).toEqual(["The mini app is the pages kept on this site"]);
  expect(differences(now, { ...now, mini_app: null })).toEqual(["No mini app any more"]);
});

test("only what was changed is sent", () => {
  expect(changed(form, formOf(version(1, "draft")))).toEqual({});
  expect(changed(form, { ...form, tagline: "Reads on", screenshots: ["b", "a"] })).toEqual({
    tagline: "Reads on",
    screenshots: ["b", "a"],
  });
});

test("a draft lacks what nobody could find it by, and a way to it", () => {
  expect(lacks(form, 1)).toEqual([]);
  expect(lacks({ ...form, name: " ", tagline: "", category: null }, 1)).toEqual(["name", "tagline", "category"]);
  expect(lacks(form, 0)).toEqual(["door"]);
  expect(lacks({ ...form, mini_app: "/mini/7/" }, 0)).toEqual([]);
});

test("a version is compared with the one approved before it", () => {
  const all = [version(4, "draft"), version(3, "rejected"), version(2, "approved"), version(1, "approved")];
  expect(before(all, all[0]!)?.version).toBe(2);
  expect(before(all, all[3]!)).toBeUndefined();
});

test("one goes on with the draft, and mends what was rejected last, but nothing older", () => {
  expect(open([version(2, "draft"), version(1, "approved")])?.version).toBe(2);
  expect(open([version(2, "rejected"), version(1, "approved")])?.version).toBe(2);
  expect(open([version(2, "approved"), version(1, "rejected")])).toBeUndefined();
  expect(open([])).toBeUndefined();
});

test("a bar is as long as its share, and what is there at all is to be seen", () => {
  expect([shareOf(0, 10), shareOf(5, 10), shareOf(20, 10), shareOf(1, 0)]).toEqual([0, 50, 100, 0]);
  expect(shareOf(1, 10_000)).toBeGreaterThan(1);
});

test("days on which nothing came are shown too", () => {
  const known = [
    { day: "2026-02-27", showings: 3, opened: 1, installed: 0 },
    { day: "2026-03-01", showings: 2, opened: 0, installed: 1 },
  ];
  const all = everyDay(known, "2026-02-26T22:00:00Z", "2026-03-02T01:00:00Z");
  expect(all.map(({ day, showings }) => [day, showings])).toEqual([
    ["2026-02-26", 0],
    ["2026-02-27", 3],
    ["2026-02-28", 0],
    ["2026-03-01", 2],
    ["2026-03-02", 0],
  ]);
});

test("notices lead to where one can do something about them", () => {
  expect(placeOf({ kind: "directory.version_rejected", about: "app:12" })).toBe("/me/apps/12/publish");
  expect(placeOf({ kind: "directory.grant_ended", about: "app:12" })).toBe("/me/apps/12/grants");
  expect(placeOf({ kind: "directory.replied", about: "app:12" })).toBe("/directory/12");
  expect(placeOf({ kind: "directory.rated", about: "bot:12" })).toBeNull();
  expect(placeOf({ kind: "openplatform.app_reviewed", about: "app:12" })).toBeNull();
});
