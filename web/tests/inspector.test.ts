/** Looking on while a bot hears and speaks. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Inspector, OtherBot } from "../src/state/inspector.svelte";
import { forgetTokens, tokenOf } from "../src/state/tokens";
import { Problem, Unreachable } from "../src/wire/http";

const BOT = 10005;
const TOKEN = "10005.secret";

class FakeSocket {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code = 1005): void {
    this.onclose?.({ code });
  }
  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.onopen?.();
    this.says({
      on: "welcome",
      ref: 1,
      account: { number: BOT },
      events: 60,
      chats: [{ chat: 80001, name: "Readers" }],
    });
  }
  hears(event: number, chat = 80001): void {
    this.says({ event, on: "message", chat, seq: event, from: { number: 1, name: "Bob" }, segments: [], at: "" });
  }
}

let sockets: FakeSocket[];
let asked: { path: string; token: string }[];
let inspector: Inspector;

function answer(path: string): unknown {
  if (path.endsWith("/groups/80002")) return { name: "Writers" };
  const install = { chat: 80001, number: BOT, scopes: ["send"] };
  return { number: BOT, nickname: "Librarian", app: 1001, last_event: 60, installs: [install] };
}

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, asked] = [[], []];
  vi.stubGlobal("location", { protocol: "https:", host: "hutong.example" });
  vi.stubGlobal("document", { cookie: "" });
  vi.stubGlobal("fetch", (path: string, { headers }: { headers: Record<string, string> }) => {
    const token = (headers["Authorization"] ?? "").replace("Bearer ", "");
    asked.push({ path, token });
    const good = token === TOKEN;
    const body = good ? answer(path) : { code: "identity.sign_in_needed", detail: "Sign in first." };
    return Promise.resolve(new Response(JSON.stringify(body), { status: good ? 200 : 401 }));
  });
  const open = (url: string) => {
    expect(url).toBe("wss://hutong.example/socket");
    sockets.push(new FakeSocket());
    return sockets.at(-1) as unknown as WebSocket;
  };
  inspector = new Inspector(BOT, { open, random: () => 0.5 });
});

afterEach(() => {
  inspector.stop();
  forgetTokens();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function listening(): Promise<FakeSocket> {
  await inspector.start(TOKEN);
  sockets[0]!.welcome();
  return sockets[0]!;
}

const events = () => inspector.events.map(({ event }) => event);

describe("an inspector", () => {
  test("comes as the bot, with what was heard last, and keeps the token in memory", async () => {
    const socket = await listening();
    expect(asked[0]).toEqual({ path: "/api/v1/bots/me", token: TOKEN });
    expect(socket.sent[0]).toEqual({ do: "hello", ref: 1, client: "bot", token: TOKEN, events: 10 });
    expect(tokenOf(BOT)).toBe(TOKEN);
    expect(inspector.names.get(80001)).toBe("Readers");
  });

  test("takes no token that is no good, and none of another bot", async () => {
    await expect(inspector.start("10005.wrong")).rejects.toBeInstanceOf(Problem);
    const other = new Inspector(10006);
    await expect(other.start(TOKEN)).rejects.toBeInstanceOf(OtherBot);
    expect(sockets).toEqual([]);
    expect([tokenOf(BOT), tokenOf(10006)]).toEqual([undefined, undefined]);
  });

  test("shows the newest first, and goes on after a break where it was", async () => {
    const socket = await listening();
    socket.hears(61);
    socket.hears(62);
    socket.close(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    sockets[1]!.welcome();
    expect(sockets[1]!.sent[0]).toMatchObject({ do: "hello", events: 62 });
    sockets[1]!.hears(62);
    sockets[1]!.hears(63);
    expect(events()).toEqual([63, 62, 61]);
  });

  test("puts aside what comes while it stands still, and misses none of it", async () => {
    const socket = await listening();
    socket.hears(61);
    inspector.pause(true);
    socket.hears(62);
    socket.hears(63);
    expect([events(), inspector.aside.length]).toEqual([[61], 2]);
    inspector.pause(false);
    expect([events(), inspector.aside.length]).toEqual([[63, 62, 61], 0]);
  });

  test("asks once for the name of a conversation that is new to it", async () => {
    const socket = await listening();
    socket.hears(61, 80002);
    socket.hears(62, 80002);
    await vi.advanceTimersByTimeAsync(0);
    expect(inspector.names.get(80002)).toBe("Writers");
    expect(asked.filter(({ path }) => path.endsWith("/groups/80002"))).toHaveLength(1);
  });

  test("says something, and is told where it stands or why not", async () => {
    const socket = await listening();
    const good = inspector.say(80001, [{ type: "text", text: "hi" }]);
    const { ref, key } = socket.sent.at(-1) as { ref: number; key: string };
    expect(key).toMatch(/^[0-9a-f-]{36}$/);
    socket.says({ on: "sent", ref, chat: 80001, seq: 46, id: 9, at: "" });
    await expect(good).resolves.toMatchObject({ seq: 46 });

    const bad = inspector.say(80001, []);
    socket.says({ on: "error", ref: socket.sent.at(-1)!["ref"], code: "chat.message_empty", detail: "Empty." });
    await expect(bad).rejects.toMatchObject({ code: "chat.message_empty" });
  });

  test("tells that nothing is known of what was said when the line broke", async () => {
    const socket = await listening();
    const lost = expect(inspector.say(80001, [])).rejects.toBeInstanceOf(Unreachable);
    socket.close(1006);
    await lost;
    await expect(inspector.say(80001, [])).rejects.toBeInstanceOf(Unreachable);
  });

  test("forgets a token that was revoked, and stays out", async () => {
    const socket = await listening();
    socket.close(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([inspector.turnedOut, inspector.me, tokenOf(BOT), sockets.length]).toEqual([true, null, undefined, 1]);
  });

  test("counts the events that are not kept any more", async () => {
    const socket = await listening();
    socket.says({ on: "gap", events: true, from: 11, to: 40 });
    expect(inspector.lost).toBe(30);
  });
});
