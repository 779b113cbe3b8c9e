import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LONGEST_MS, Recorder, troubleOf, voiceFile } from "../src/state/recording.svelte";

const track = { stop: vi.fn() };
const ask = vi.fn();

class Tape {
  static isTypeSupported = (type: string) => type.startsWith("audio/mp4");
  state = "inactive";
  mimeType: string;
  ondataavailable: (heard: { data: Blob }) => void = () => undefined;
  onstop: () => void = () => undefined;
  constructor(_stream: unknown, { mimeType }: { mimeType: string }) {
    this.mimeType = mimeType;
  }
  start() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.ondataavailable({ data: new Blob(["words"]) });
    this.onstop();
  }
}

class Room {
  createAnalyser = () => ({ fftSize: 0, getByteTimeDomainData: (waves: Uint8Array) => waves.fill(160) });
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = async () => undefined;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  ask.mockResolvedValue({ getTracks: () => [track] });
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: ask } });
  vi.stubGlobal("MediaRecorder", Tape);
  vi.stubGlobal("AudioContext", Room);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

test("what was said is given, and the microphone is let go", async () => {
  const recorder = new Recorder(() => undefined);
  expect(await recorder.start()).toBeNull();
  vi.advanceTimersByTime(2_000);
  expect([recorder.state, recorder.lasted_ms, recorder.level]).toEqual(["on", 2_000, 0.5]);
  const recorded = await recorder.stop();
  expect(recorded).toMatchObject({ duration_ms: 2_000 });
  expect(voiceFile(recorded!)).toMatchObject({ name: "voice.m4a", type: "audio/mp4", as: "voice" });
  expect(await recorded!.file.text()).toBe("words");
  expect([recorder.state, track.stop.mock.calls.length]).toEqual(["off", 1]);
});

test("a slip is no recording, and what is given up is forgotten", async () => {
  const recorder = new Recorder(() => undefined);
  await recorder.start();
  vi.advanceTimersByTime(300);
  expect(await recorder.stop()).toBeNull();
  await recorder.start();
  vi.advanceTimersByTime(3_000);
  recorder.cancel();
  expect([recorder.state, await recorder.stop()]).toEqual(["off", null]);
});

test("given up while the browser asks, the microphone is let go when it comes", async () => {
  const recorder = new Recorder(() => undefined);
  const starting = recorder.start();
  recorder.cancel();
  await starting;
  expect([recorder.state, track.stop.mock.calls.length]).toEqual(["off", 1]);
});

test("it ends by itself after the longest time", async () => {
  const full = vi.fn();
  const recorder = new Recorder(full);
  await recorder.start();
  vi.advanceTimersByTime(LONGEST_MS);
  expect(full).toHaveBeenCalled();
  recorder.cancel();
});

test("what stands in the way is told apart", async () => {
  const recorder = new Recorder(() => undefined);
  ask.mockRejectedValueOnce(new DOMException("", "NotAllowedError"));
  expect([await recorder.start(), recorder.state]).toEqual(["refused", "off"]);
  expect(troubleOf(new DOMException("", "NotFoundError"))).toBe("missing");
  expect(troubleOf(new DOMException("", "NotReadableError"))).toBe("busy");
  vi.stubGlobal("navigator", {});
  expect(await recorder.start()).toBe("unable");
  vi.stubGlobal("isSecureContext", false);
  expect(await recorder.start()).toBe("insecure");
});
