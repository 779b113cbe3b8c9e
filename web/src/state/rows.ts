/** The lines of a conversation as they stand under each other. Pure: messages in, rows out. */
import type { Change } from "../wire/frames";
import type { Send } from "./outbox";
import type { HeldMessage } from "./timeline";

export const RUN_BREAK_MS = 5 * 60_000;

export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "time"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "line"; key: string; change: Change }
  | { kind: "recalled"; key: string; message: HeldMessage }
  | { kind: "message"; key: string; message: HeldMessage; mine: boolean; first: boolean; last: boolean }
  | { kind: "sending"; key: string; send: Send; first: boolean };

export interface Material {
  messages: readonly HeldMessage[];
  lines: readonly Change[];
  sends: readonly Send[];
  me: number;
  /** The last message that I had read when I came in; null shows no line. */
  unreadAfter: number | null;
  /** The newest messages are among `messages`: lines after them and sends that wait are shown. */
  atEnd: boolean;
}

function sameDay(one: string, other: string): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

type Told = { at: string; message?: HeldMessage; change?: Change };

/** Messages by `seq`, and between them the lines by their time. */
function together({ messages, lines, atEnd }: Material): Told[] {
  const first = messages[0]?.at ?? "";
  const last = messages.at(-1)?.at ?? "";
  const shown = lines.filter((line) => line.at >= first && (atEnd || line.at <= last));
  const told: Told[] = [];
  let next = 0;
  for (const message of messages) {
    for (; next < shown.length && shown[next]!.at < message.at; next += 1)
      told.push({ at: shown[next]!.at, change: shown[next]! });
    told.push({ at: message.at, message });
  }
  for (; next < shown.length; next += 1) told.push({ at: shown[next]!.at, change: shown[next]! });
  return told;
}

class Layout {
  readonly rows: Row[] = [];
  private last = "";
  private speaker: number | null = null;

  constructor(private readonly material: Material) {}

  /** A line for a new day or a long silence. */
  private pause(at: string, key: string | number): void {
    if (this.last === "" || !sameDay(this.last, at)) this.note({ kind: "day", key: `day ${key}`, at });
    else if (Date.parse(at) - Date.parse(this.last) > RUN_BREAK_MS) this.note({ kind: "time", key: `time ${key}`, at });
    this.last = at;
  }

  /** A row that nobody speaks, which ends the run of messages before it. */
  private note(row: Row): void {
    this.rows.push(row);
    this.speaker = null;
  }

  say(message: HeldMessage): void {
    const { unreadAfter, me } = this.material;
    this.pause(message.at, message.seq);
    const waits = unreadAfter !== null && message.seq > unreadAfter && message.from.number !== me;
    if (waits && !this.rows.some((row) => row.kind === "unread")) {
      this.note({ kind: "unread", key: "unread" });
    }
    if (message.recalled === true) return this.note({ kind: "recalled", key: `seq ${message.seq}`, message });
    const mine = message.from.number === me;
    const first = this.speaker !== message.from.number;
    if (!first) this.mark();
    const key = message.key ?? `seq ${message.seq}`;
    this.rows.push({ kind: "message", key, message, mine, first, last: true });
    this.speaker = message.from.number;
  }

  /** The message before goes on: it is not the last of its run. */
  private mark(): void {
    const before = this.rows.at(-1);
    if (before?.kind === "message") this.rows[this.rows.length - 1] = { ...before, last: false };
  }

  tell(change: Change): void {
    this.pause(change.at, `rev ${change.rev}`);
    this.note({ kind: "line", key: `rev ${change.rev}`, change });
  }

  wait(send: Send): void {
    const first = this.speaker !== this.material.me;
    if (!first) this.mark();
    this.rows.push({ kind: "sending", key: send.key, send, first });
    this.speaker = this.material.me;
  }
}

export function layout(material: Material): Row[] {
  const rows = new Layout(material);
  for (const { message, change } of together(material)) {
    if (message !== undefined) rows.say(message);
    else if (change !== undefined) rows.tell(change);
  }
  if (material.atEnd) material.sends.forEach((send) => rows.wait(send));
  return rows.rows;
}
