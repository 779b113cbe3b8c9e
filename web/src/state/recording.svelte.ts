/** Records what somebody says into the microphone. */

/** Why there is no recording: not allowed, no microphone, used by another program, no secure address, not possible. */
export type Trouble = "refused" | "missing" | "busy" | "insecure" | "unable";

export const SHORTEST_MS = 700;
export const LONGEST_MS = 300_000;

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const TICK_MS = 100;

export function troubleOf(error: unknown): Trouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "unable";
}

export interface Recorded {
  file: Blob;
  duration_ms: number;
}

/** How loud it is just now, from 0 to 1; silence where it cannot be told. */
function meterOf(stream: MediaStream): { level(): number; close(): void } {
  const room = new AudioContext();
  const ear = room.createAnalyser();
  ear.fftSize = 256;
  room.createMediaStreamSource(stream).connect(ear);
  const waves = new Uint8Array(ear.fftSize);
  const level = () => {
    ear.getByteTimeDomainData(waves);
    return Math.min(1, Math.max(...waves.map((wave) => Math.abs(wave - 128))) / 64);
  };
  return { level, close: () => void room.close().catch(() => undefined) };
}

export class Recorder {
  state = $state<"off" | "asking" | "on">("off");
  lasted_ms = $state(0);
  level = $state(0);
  private tape: MediaRecorder | null = null;
  private heard: Blob[] = [];
  private began = 0;
  private tidy: (() => void) | null = null;

  /** `full` is called when it has gone on as long as it may. */
  constructor(private readonly full: () => void) {}

  /** Asks for the microphone and begins; answers what went wrong, or null. */
  async start(): Promise<Trouble | null> {
    if (this.state !== "off") return null;
    if (!isSecureContext) return "insecure";
    if (navigator.mediaDevices === undefined || typeof MediaRecorder === "undefined") return "unable";
    this.state = "asking";
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      // It may have been given up while the browser asked.
      if ((this.state as string) !== "asking") stream.getTracks().forEach((track) => track.stop());
      else this.record(stream);
      return null;
    } catch (error) {
      this.end();
      return troubleOf(error);
    }
  }

  private record(stream: MediaStream): void {
    const close = () => stream.getTracks().forEach((track) => track.stop());
    this.tidy = close;
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const tape = new MediaRecorder(stream, mimeType === undefined ? {} : { mimeType });
    this.heard = [];
    tape.ondataavailable = ({ data }) => data.size > 0 && this.heard.push(data);
    tape.start();
    const meter = meterOf(stream);
    this.began = performance.now();
    const ticking = setInterval(() => this.tick(meter.level()), TICK_MS);
    this.tidy = () => (clearInterval(ticking), meter.close(), close());
    this.tape = tape;
    [this.state, this.lasted_ms] = ["on", 0];
  }

  private tick(level: number): void {
    this.lasted_ms = performance.now() - this.began;
    this.level = level;
    if (this.lasted_ms >= LONGEST_MS) this.full();
  }

  /** Ends it and gives what was said; null where that was nothing, or too short to be meant. */
  async stop(): Promise<Recorded | null> {
    const { tape } = this;
    if (tape === null) return (this.end(), null);
    const duration_ms = Math.round(performance.now() - this.began);
    const ended = new Promise<void>((resolve) => (tape.onstop = () => resolve()));
    if (tape.state !== "inactive") {
      tape.stop();
      await ended;
    }
    const file = new Blob(this.heard, { type: tape.mimeType.split(";")[0] || "audio/webm" });
    this.end();
    return duration_ms < SHORTEST_MS || file.size === 0 ? null : { file, duration_ms };
  }

  /** Ends it and forgets what was said. */
  cancel(): void {
    if (this.tape !== null && this.tape.state !== "inactive") this.tape.stop();
    this.end();
  }

  private end(): void {
    this.tidy?.();
    [this.tidy, this.tape, this.heard] = [null, null, []];
    [this.state, this.level] = ["off", 0];
  }
}

export function voiceFile({ file, duration_ms }: Recorded): {
  name: string;
  type: string;
  as: "voice";
  file: Blob;
  duration_ms: number;
} {
  const ending = { "audio/mp4": "m4a", "audio/ogg": "ogg" }[file.type] ?? "webm";
  return { name: `voice.${ending}`, type: file.type, as: "voice", file, duration_ms };
}
