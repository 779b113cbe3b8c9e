import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { goTo, hush, playing, toggle } from "../src/views/chat/player.svelte";

const made: Sound[] = [];

class Sound extends EventTarget {
  paused = true;
  ended = false;
  currentTime = 0;
  duration = 4;
  constructor(readonly address: string) {
    super();
    made.push(this);
  }
  async play() {
    if (this.address === "bad") throw new DOMException("", "NotSupportedError");
    this.paused = false;
    this.dispatchEvent(new Event("play"));
  }
  pause() {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

beforeEach(() => {
  made.length = 0;
  vi.stubGlobal("Audio", Sound);
});

afterEach(() => {
  hush();
  vi.unstubAllGlobals();
});

const unexpected = () => expect.unreachable();

test("one voice at a time", () => {
  toggle("a", "/a", unexpected);
  toggle("b", "/b", unexpected);
  expect(made.map(({ paused }) => paused)).toEqual([true, false]);
  expect([playing("a"), playing("b")?.going]).toEqual([null, true]);
});

test("it pauses, goes on, and moves where one wants it", () => {
  toggle("a", "/a", unexpected);
  goTo("a", 1_500);
  expect(made[0]!.currentTime).toBe(1.5);
  toggle("a", "/a", unexpected);
  expect(playing("a")).toMatchObject({ going: false, at_ms: 1_500, length_ms: 4_000 });
  toggle("a", "/a", unexpected);
  expect([playing("a")?.going, made.length]).toEqual([true, 1]);
});

test("what cannot be played is said, and nothing plays", async () => {
  const failed = vi.fn();
  toggle("a", "bad", failed);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
  expect(playing("a")).toBeNull();
});
