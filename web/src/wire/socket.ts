/**
 * The line to the server: one socket that is opened, greeted, kept awake, and opened again when it breaks.
 *
 * It knows when it is time to try again and what was held already; what a frame means is decided elsewhere.
 */
import type { Ask, BotGreeting, Frame, Held, Welcome } from "./frames";

export type LineState = "closed" | "connecting" | "open";

export interface Listener {
  /** What to tell the server that we have, asked at each greeting; who greets as a bot says so here. */
  held(): Held | BotGreeting;
  welcomed(welcome: Welcome): void;
  came(frame: Frame): void;
  changed(state: LineState): void;
  /** The session is over: 4401. The line stays closed. */
  turnedOut(): void;
}

export interface Surroundings {
  open(url: string): WebSocket;
  random(): number;
}

const PROTOCOL = "hutong.1";
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
const WELCOME_WITHIN_MS = 15_000;
const WAIT_FIRST_MS = 500;
const WAIT_MAX_MS = 30_000;
const RETURN_WITHIN_MS = 5_000;
const SESSION_OVER = 4401;
const GOING_AWAY = [1001, 1012];

/** Where the socket of this site is. */
export function socketAddress(): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`;
}

const browser: Surroundings = {
  open: (url) => new WebSocket(url, PROTOCOL),
  random: Math.random,
};

/** How long to wait before the next try: half fixed and half by chance, so that a crowd does not come back at once. */
export function waitMs(failures: number, code: number, random: () => number): number {
  if (GOING_AWAY.includes(code) && failures === 0) return random() * RETURN_WITHIN_MS;
  const most = Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** failures);
  return most / 2 + (random() * most) / 2;
}

export class Line {
  private socket: WebSocket | null = null;
  private wanted = false;
  private state: LineState = "closed";
  private failures = 0;
  private lastRef = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private pinging: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly around: Surroundings = browser,
  ) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.waiting);
    this.socket?.close(1000);
    this.closed(1000);
  }

  /** The network may be back: no need to sit out the wait. */
  hurry(): void {
    if (!this.wanted || this.socket !== null) return;
    clearTimeout(this.waiting);
    this.failures = 0;
    this.connect();
  }

  /** The network is gone: a socket would notice only minutes later. */
  broken(): void {
    if (this.socket === null) return;
    const lost = this.socket;
    this.closed(1006);
    lost.close();
  }

  get open(): boolean {
    return this.state === "open";
  }

  /** Sends, and answers with the `ref` that the answer will carry; null where the line is not open. */
  ask(what: Ask): number | null {
    if (this.state !== "open" || this.socket === null) return null;
    const ref = ++this.lastRef;
    this.socket.send(JSON.stringify({ ...what, ref }));
    return ref;
  }

  private connect(): void {
    this.turn("connecting");
    const socket = this.around.open(this.url);
    this.socket = socket;
    this.expect(WELCOME_WITHIN_MS);
    socket.onopen = () => {
      socket.send(JSON.stringify({ do: "hello", ref: ++this.lastRef, client: "web", ...this.listener.held() }));
    };
    socket.onmessage = (message) => {
      if (this.socket === socket) this.receive(String(message.data));
    };
    socket.onclose = (close) => {
      if (this.socket === socket) this.closed(close.code);
    };
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if (frame.on === "welcome") {
      this.failures = 0;
      this.turn("open");
      this.rest();
      this.listener.welcomed(frame as unknown as Welcome);
      return;
    }
    if (this.state === "open") this.rest();
    if (frame.on !== "pong") this.listener.came(frame);
  }

  /** Something came, so the line lives: the next ping is a while off. */
  private rest(): void {
    clearTimeout(this.deadline);
    clearTimeout(this.pinging);
    this.pinging = setTimeout(() => {
      this.ask({ do: "ping" });
      this.expect(PONG_WITHIN_MS);
    }, PING_EVERY_MS);
  }

  private expect(withinMs: number): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.broken(), withinMs);
  }

  private closed(code: number): void {
    clearTimeout(this.deadline);
    clearTimeout(this.pinging);
    clearTimeout(this.waiting);
    this.socket = null;
    this.turn("closed");
    if (code === SESSION_OVER) {
      this.wanted = false;
      this.listener.turnedOut();
      return;
    }
    if (!this.wanted) return;
    this.waiting = setTimeout(() => this.connect(), waitMs(this.failures, code, this.around.random));
    this.failures += 1;
  }

  private turn(state: LineState): void {
    if (this.state === state) return;
    this.state = state;
    this.listener.changed(state);
  }
}
