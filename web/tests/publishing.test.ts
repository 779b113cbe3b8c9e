/** A draft of a version, kept on the server while it is written. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Draft, isAddress } from "../src/views/directory/keeping.svelte";
import type { Version, VersionForm } from "../src/wire/directory";
import { Problem } from "../src/wire/http";

const sent: Partial<VersionForm>[] = [];
let answer: () => Promise<unknown>;

vi.mock("../src/wire/directory", async (original) => ({
  ...(await original<typeof import("../src/wire/directory")>()),
  changeVersion: (_app: number, _version: number, form: Partial<VersionForm>) => {
    sent.push(form);
    return answer();
  },
}));

const version: Version = {
  version: 2,
  state: "draft",
  live: false,
  name: "Shelf",
  tagline: "Reads along",
  about: "",
  category: "study",
  icon: null,
  screenshots: [],
  scopes: ["send"],
  mini_app: null,
  news: "",
  reasons: "",
  made_at: "2026-11-01T00:00:00Z",
  submitted_at: null,
  decided_at: null,
};

beforeEach(() => {
  sent.length = 0;
  answer = () => Promise.resolve();
});
afterEach(() => vi.restoreAllMocks());

test("only what was changed is sent, and once", async () => {
  const draft = new Draft(7, version);
  expect(await draft.keep()).toBe(true);
  draft.form.tagline = "Reads on";
  expect(draft.standing).toBe("touched");
  expect(await draft.keep()).toBe(true);
  expect(await draft.keep()).toBe(true);
  expect(sent).toEqual([{ tagline: "Reads on" }]);
  expect(draft.standing).toBe("kept");
});

test("what the server would not take waits, and the rest is kept", async () => {
  const draft = new Draft(7, version);
  Object.assign(draft.form, { tagline: "x".repeat(61), mini_app: "https:", about: "It counts." });
  expect(await draft.keep()).toBe(true);
  expect(sent).toEqual([{ about: "It counts." }]);
  expect(draft.standing).toBe("touched");
  draft.form.mini_app = "https://shelf.example/";
  await draft.keep();
  expect(sent[1]).toEqual({ mini_app: "https://shelf.example/" });
});

test("a refusal is told at its field, and what was refused is tried again", async () => {
  const draft = new Draft(7, version);
  draft.form.name = "Admin";
  answer = () => Promise.reject(new Problem(422, "openplatform.bad_app_name", "Not that."));
  expect(await draft.keep()).toBe(false);
  expect(draft.refusal.at("name", "Admin")).toBeDefined();
  answer = () => Promise.resolve();
  expect(await draft.keep()).toBe(true);
  expect(sent).toEqual([{ name: "Admin" }, { name: "Admin" }]);
  expect(draft.standing).toBe("kept");
});

test("one saving waits for the other, so that the later word stands", async () => {
  const draft = new Draft(7, version);
  let arrive = () => undefined as void;
  answer = () => new Promise<void>((done) => (arrive = done));
  draft.form.about = "One.";
  const first = draft.keep();
  await Promise.resolve();
  expect(draft.standing).toBe("keeping");
  draft.form.about = "Two.";
  const second = draft.keep();
  await Promise.resolve();
  expect(sent).toEqual([{ about: "One." }]);
  answer = () => Promise.resolve();
  arrive();
  expect(await Promise.all([first, second])).toEqual([true, true]);
  expect(sent[1]).toEqual({ about: "Two." });
});

test("an address is one that begins with https", () => {
  expect(["https://a.example", "http://a.example", "https:", "a.example"].map(isAddress)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
