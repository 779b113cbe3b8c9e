/** The line to the server, and what becomes of the frames that come over it. */
import type { Answered } from "../wire/bots";
import type { Frame, Held, Refused, Sent, Welcome } from "../wire/frames";
import { Line, socketAddress, type LineState } from "../wire/socket";
import { t } from "../i18n";
import { apply } from "./apply";
import { catchUp, loadRow, loadRows } from "./history";
import { heardAnswer } from "./presses.svelte";
import { box } from "./notices.svelte";
import { problems } from "./problems.svelte";
import { readTo, takePresence } from "./room";
import { changeRoom, dropRoom, everyRoom, roomOf } from "./rooms.svelte";
import { session, turnOut } from "./session.svelte";
import { forgetWaiting, heardOfRequest } from "./waiting.svelte";

const TYPING_SWEEP_MS = 1_000;

let state = $state<LineState>("closed");
let network = $state(navigator.onLine);
let everOpen = $state(false);
/** Whether the newest try came to nothing. */
let failed = $state(false);
let line: Line | null = null;
let sweeping: ReturnType<typeof setInterval> | undefined;

export const connection = {
  get state(): LineState {
    return state;
  },
  /** What the thin line at the top has to say, if anything. */
  get trouble(): "offline" | "connecting" | null {
    if (!network) return "offline";
    return state === "open" || !(everOpen || failed) ? null : "connecting";
  },
};

interface Answers {
  opened(): void;
  sent(frame: Sent): void;
  refused(frame: Refused): void;
}

/** Sending hears its answers from here; it is told rather than imported, as it asks the line in turn. */
let answers: Answers = { opened: () => undefined, sent: () => undefined, refused: () => undefined };

export function hearAnswers(listener: Answers): void {
  answers = listener;
}

function held(): Held {
  const fresh = everyRoom().filter((room) => room.fresh);
  return {
    resume: Object.fromEntries(fresh.map(({ row }) => [row.chat, row.last_seq])),
    revs: Object.fromEntries(fresh.map(({ row }) => [row.chat, row.last_rev])),
  };
}

function welcomed(welcome: Welcome): void {
  everOpen = true;
  forgetWaiting();
  const mine = new Set(welcome.chats.map((row) => row.chat));
  for (const { row } of everyRoom()) if (!mine.has(row.chat)) dropRoom(row.chat);
  for (const row of welcome.chats)
    changeRoom(row.chat, (room) => takePresence(readTo(room, row.read_seq, session.me.number), row));
  loadRows().catch(() => undefined);
  box.look().catch(() => undefined);
  answers.opened();
}

function came(frame: Frame): void {
  if (frame.on === "sent") return answers.sent(frame as unknown as Sent);
  if (frame.on === "error") return answers.refused(frame as unknown as Refused);
  if (frame.on === "noticed") return box.hear(Number(frame["unread"]));
  if (frame.on === "answered") return heardAnswer(frame as unknown as Answered);
  const { chat } = frame;
  if (frame.on === "reminded")
    problems.note(t("news.reminder", { who: String(frame["by_name"]), text: String(frame["text"]) }));
  if (frame.on === "requested" || frame.on === "decided") heardOfRequest(frame);
  if (typeof chat !== "number") return;
  if (roomOf(chat) === undefined) {
    // What is of the moment brings no conversation along.
    if (frame.on !== "presence" && frame.on !== "typing") loadRow(chat).catch(() => undefined);
    return;
  }
  changeRoom(chat, (room) => apply(room, frame, session.me.number, Date.now()));
  mend(chat);
}

/** Asks for what a frame has shown to be missing, or drops a room that is mine no more. */
function mend(chat: number): void {
  const room = roomOf(chat);
  if (room === undefined) return;
  if (room.gone) dropRoom(chat);
  else if (room.behind) void catchUp(chat);
  else if (room.recount) loadRow(chat).catch(() => undefined);
}

function sweepTypists(): void {
  const now = Date.now();
  for (const room of everyRoom()) {
    if (room.typists.every((typist) => typist.until > now)) continue;
    changeRoom(room.row.chat, (it) => ({ ...it, typists: it.typists.filter((typist) => typist.until > now) }));
  }
}

const networkBack = () => {
  network = true;
  line?.hurry();
};
const networkGone = () => {
  network = false;
  line?.broken();
};
const seen = () => {
  if (document.visibilityState === "visible") line?.hurry();
};

export function startConnection(): void {
  line = new Line(socketAddress(), {
    held,
    welcomed,
    came,
    changed: (now) => {
      failed = now === "closed" || (failed && now === "connecting");
      state = now;
    },
    turnedOut: () => void turnOut(),
  });
  addEventListener("online", networkBack);
  addEventListener("offline", networkGone);
  document.addEventListener("visibilitychange", seen);
  sweeping = setInterval(sweepTypists, TYPING_SWEEP_MS);
  line.start();
}

export function stopConnection(): void {
  removeEventListener("online", networkBack);
  removeEventListener("offline", networkGone);
  document.removeEventListener("visibilitychange", seen);
  clearInterval(sweeping);
  line?.stop();
  line = null;
  everOpen = false;
}

export const ask: Line["ask"] = (what) => line?.ask(what) ?? null;

const TYPING_EVERY_MS = 2_000;
let saidTypingAt = 0;

/** Lets the others know that I am writing, not more often than is of use. */
export function sayTyping(chat: number): void {
  const now = Date.now();
  if (now - saidTypingAt < TYPING_EVERY_MS) return;
  saidTypingAt = now;
  ask({ do: "typing", chat });
}
