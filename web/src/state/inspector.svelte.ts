/**
 * A line of a bot's own, for its maker to look at: it hears what the bot hears, and says what the bot may say. The
 * token stays in memory.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Frame, Refused, Sent, Welcome } from "../wire/frames";
import { Problem, Unreachable } from "../wire/http";
import { groupAsBot, meAsBot, type MyBot } from "../wire/openplatform";
import { Line, socketAddress, type LineState, type Surroundings } from "../wire/socket";
import type { Segment } from "../wire/types";
import { heardIn, put, type Heard } from "./heard";
import { forgetToken, rememberToken } from "./tokens";

const RECENT = 50;
const ANSWER_WITHIN_MS = 15_000;

/** The token lets in somebody else than the bot that is looked at. */
export class OtherBot extends Error {}

interface Waiting {
  resolve: (sent: Sent) => void;
  reject: (error: Error) => void;
  late: ReturnType<typeof setTimeout>;
}

export class Inspector {
  state = $state<LineState>("closed");
  me = $state.raw<MyBot | null>(null);
  events = $state.raw<readonly Heard[]>([]);
  /** What came while the list stands still. */
  aside = $state.raw<readonly Heard[]>([]);
  paused = $state(false);
  /** The token was revoked while it was used. */
  turnedOut = $state(false);
  /** Events that are not kept any more. */
  lost = $state(0);
  readonly names = new SvelteMap<number, string>();

  private line: Line | null = null;
  private token = "";
  private last = 0;
  private readonly asked = new Set<number>();
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly bot: number,
    private readonly around?: Surroundings,
  ) {}

  /** Looks at the last events, and goes on listening. Throws what the wire throws, and `OtherBot`. */
  async start(token: string): Promise<void> {
    const me = await meAsBot(token);
    if (me.number !== this.bot) throw new OtherBot("the token is another bot's");
    this.stop();
    this.me = me;
    this.token = token;
    this.last = Math.max(0, me.last_event - RECENT);
    this.turnedOut = false;
    rememberToken(this.bot, token);
    const listener = {
      held: () => ({ client: "bot" as const, token, events: this.last }),
      welcomed: (welcome: Welcome) => this.welcomed(welcome),
      came: (frame: Frame) => this.came(frame),
      changed: (now: LineState) => this.changed(now),
      turnedOut: () => this.out(),
    };
    this.line = new Line(socketAddress(), listener, this.around);
    this.line.start();
  }

  stop(): void {
    this.line?.stop();
    this.line = null;
    this.me = null;
    this.asked.clear();
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (paused) return;
    for (const one of [...this.aside].reverse()) this.events = put(this.events, one);
    this.aside = [];
  }

  clear(): void {
    this.events = [];
    this.aside = [];
    this.lost = 0;
  }

  /** Says something as the bot. Throws the refusal as `Problem`, and `Unreachable` where no answer came. */
  say(chat: number, segments: Segment[]): Promise<Sent> {
    const ref = this.line?.ask({ do: "send", chat, key: crypto.randomUUID(), segments }) ?? null;
    if (ref === null) return Promise.reject(new Unreachable("the line is not open"));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.settle(ref)?.reject(new Unreachable("no answer")), ANSWER_WITHIN_MS);
      this.waiting.set(ref, { resolve, reject, late });
    });
  }

  private settle(ref: number): Waiting | undefined {
    const waiting = this.waiting.get(ref);
    clearTimeout(waiting?.late);
    this.waiting.delete(ref);
    return waiting;
  }

  private welcomed(welcome: Welcome): void {
    for (const { chat, name } of welcome.chats) this.names.set(chat, name);
  }

  private came(frame: Frame): void {
    if (frame.on === "sent") return this.settle(frame.ref ?? 0)?.resolve(frame as unknown as Sent);
    if (frame.on === "error") {
      const { code, detail, params } = frame as unknown as Refused;
      return this.settle(frame.ref ?? 0)?.reject(new Problem(400, code, detail, params));
    }
    if (frame.on === "gap" && frame["events"] === true)
      this.lost += Math.max(0, Number(frame["to"]) - Number(frame["from"]) + 1);
    const heard = heardIn(frame);
    if (heard === null || heard.event <= this.last) return;
    this.last = heard.event;
    if (this.paused) this.aside = put(this.aside, heard);
    else this.events = put(this.events, heard);
    if (heard.chat !== null) this.learn(heard.chat, heard.on);
  }

  /** A conversation that was not there at the greeting, or where the bot may do something else now. */
  private learn(chat: number, on: string): void {
    const known = this.me?.installs.some((install) => install.chat === chat) === true;
    if (this.asked.has(chat) || (known && this.names.has(chat) && on !== "left")) return;
    this.asked.add(chat);
    const { token } = this;
    const still = () => this.token === token && this.me !== null;
    meAsBot(token)
      .then((me) => still() && (this.me = me))
      .catch(() => undefined);
    if (this.names.has(chat)) return;
    groupAsBot(token, chat)
      .then(({ name }) => this.names.set(chat, name))
      .catch(() => undefined);
  }

  private changed(now: LineState): void {
    this.state = now;
    if (now !== "closed") return;
    for (const ref of [...this.waiting.keys()]) this.settle(ref)?.reject(new Unreachable("the line broke"));
  }

  private out(): void {
    forgetToken(this.bot);
    this.turnedOut = true;
    this.me = null;
  }
}
