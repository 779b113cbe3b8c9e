import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Line, waitMs, type LineState, type Listener } from "../src/wire/socket";

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
    this.says({ on: "welcome", ref: 1, account: { number: 1, nickname: "Bob" }, chats: [], at: "" });
  }
}

let sockets: FakeSocket[];
let states: LineState[];
let heard: string[];
let line: Line;

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, states, heard] = [[], [], []];
  const listener: Listener = {
    held: () => ({ resume: { "7": 3 }, revs: { "7": 2 } }),
    welcomed: () => heard.push("welcome"),
    came: (frame) => heard.push(frame.on),
    changed: (state) => states.push(state),
    turnedOut: () => heard.push("turned out"),
  };
  const open = () => {
    sockets.push(new FakeSocket());
    return sockets.at(-1) as unknown as WebSocket;
  };
  line = new Line("ws://here/socket", listener, { open, random: () => 0.5 });
});

afterEach(() => vi.useRealTimers());

describe("the line", () => {
  test("greets with what is held and is open after the welcome only", () => {
    line.start();
    sockets[0]!.onopen?.();
    expect(sockets[0]!.sent).toEqual([{ do: "hello", ref: 1, client: "web", resume: { "7": 3 }, revs: { "7": 2 } }]);
    expect(line.ask({ do: "typing", chat: 7 })).toBeNull();
    sockets[0]!.welcome();
    expect(line.ask({ do: "typing", chat: 7 })).toBe(3);
    expect(states).toEqual(["connecting", "open"]);
  });

  test("comes back by itself, later after each failure, and at once when the network is back", () => {
    line.start();
    sockets[0]!.close(1006);
    vi.advanceTimersByTime(waitMs(0, 1006, () => 0.5));
    expect(sockets).toHaveLength(2);
    sockets[1]!.close(1006);
    vi.advanceTimersByTime(waitMs(0, 1006, () => 0.5));
    expect(sockets).toHaveLength(2);
    line.hurry();
    expect(sockets).toHaveLength(3);
  });

  test("stays closed when the session is over", () => {
    line.start();
    sockets[0]!.welcome();
    sockets[0]!.close(4401);
    vi.advanceTimersByTime(600_000);
    expect(sockets).toHaveLength(1);
    expect(heard).toEqual(["welcome", "turned out"]);
  });

  test("notices silence: a ping without an answer breaks it", () => {
    line.start();
    sockets[0]!.welcome();
    vi.advanceTimersByTime(25_000);
    expect(sockets[0]!.sent.at(-1)).toMatchObject({ do: "ping" });
    sockets[0]!.says({ on: "pong" });
    vi.advanceTimersByTime(24_000);
    expect(line.open).toBe(true);
    vi.advanceTimersByTime(11_000);
    expect(line.open).toBe(false);
    expect(heard).toEqual(["welcome"]);
  });

  test("hears nothing more from a socket that it gave up", () => {
    line.start();
    sockets[0]!.welcome();
    line.broken();
    sockets[0]!.says({ on: "message" });
    expect(heard).toEqual(["welcome"]);
  });
});

test("waits stay within their bounds", () => {
  expect(waitMs(0, 1012, () => 0.999)).toBeLessThan(5_000);
  expect(waitMs(50, 1006, () => 1)).toBe(30_000);
  expect(waitMs(0, 1006, () => 0)).toBe(250);
});
