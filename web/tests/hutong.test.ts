import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Hutong } from "../src/mini/hutong";

type Listener = (message: { source: unknown; data: unknown }) => void;

let listeners: Listener[] = [];
let said: Record<string, unknown>[] = [];
const parent = { postMessage: (message: Record<string, unknown>) => said.push(message) };

async function opened(hash: string, outside: unknown = parent): Promise<Hutong> {
  const page: Record<string, unknown> = {};
  vi.stubGlobal("window", page);
  vi.stubGlobal("parent", outside ?? page);
  vi.stubGlobal("location", { hash });
  vi.stubGlobal("addEventListener", (_: string, listener: Listener) => listeners.push(listener));
  vi.resetModules();
  await import("../src/mini/hutong");
  return page["hutong"] as Hutong;
}

const answer = (data: unknown, source: unknown = parent) => listeners.forEach((it) => it({ source, data }));

beforeEach(() => {
  listeners = [];
  said = [];
});
afterEach(() => vi.unstubAllGlobals());

test("launch data are read from behind the address", async () => {
  const payload = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify({ openid: "A", start: "书" }))));
  const hutong = await opened(`#hutong=${payload}.f00&tgWebAppData=query_id%3DAAE`);
  expect([hutong.openid, hutong.start, hutong.launch]).toEqual(["A", "书", `${payload}.f00`]);
  expect(hutong.initData).toBe("query_id=AAE");
});

test("a page that nobody opened knows nothing and asks nobody", async () => {
  const hutong = await opened("#hutong=nonsense", null);
  expect([hutong.openid, hutong.initData]).toEqual(["", null]);
  await expect(hutong.who()).rejects.toMatchObject({ code: "alone" });
});

test("each question gets its own answer, from the client alone", async () => {
  const hutong = await opened("");
  const look = hutong.look();
  const paid = hutong.pay({ title: "Book 7", amount_fen: 100 });
  expect(said.map(({ id, ask }) => [id, ask])).toEqual([
    [1, "look"],
    [2, "pay"],
  ]);
  answer({ hutong: 1, id: 1, answer: { theme: "dark", language: "en" } }, {});
  answer({ hutong: 1, id: 2, code: "unsupported" });
  answer({ hutong: 1, id: 1, answer: { theme: "light", language: "zh-Hans" } });
  await expect(paid).rejects.toMatchObject({ code: "unsupported" });
  expect(await look).toEqual({ theme: "light", language: "zh-Hans" });
});

test("a change of looks is told as long as somebody listens", async () => {
  const hutong = await opened("");
  const told: unknown[] = [];
  const end = hutong.onLook((look) => told.push(look));
  answer({ hutong: 1, look: { theme: "dark", language: "en" } });
  end();
  answer({ hutong: 1, look: { theme: "light", language: "en" } });
  expect(told).toEqual([{ theme: "dark", language: "en" }]);
});
