/**
 * What a mini app is given to ask with: `<script src="/mini/hutong.js"></script>`, and `window.hutong` is there.
 *
 * A mini app stands in a frame without an origin of its own: it has no cookies, and reaches nothing of the person who
 * looks at it but what is asked for here. Whatever is asked is answered by a promise; a refusal is an `Error` with a
 * `code`: `refused` (the person said no), `busy` (another question is open), `unsupported`, `invalid`, `failed`, or
 * `alone`, where the page is not open in a conversation.
 */
export interface Person {
  /** Who this is for this app: always the same, and another id for every other app. */
  openid: string;
  nickname: string;
  /** The picture, as an address that can be shown (`data:`); null without one. */
  avatar: string | null;
  /** Launch data with the nickname in it, for the app's server to check. */
  launch: string;
  initData: string | null;
}

export interface Look {
  theme: "light" | "dark";
  language: "zh-Hans" | "en";
}

export interface Shared {
  /** What stands on the card, up to 80 characters. */
  title: string;
  /** What the person says with it, up to 500 characters. */
  text?: string;
  /** What the app is opened with by whoever presses the card: up to 64 of `0-9 A-Z a-z _ -`. */
  start?: string;
}

export interface Hutong {
  /** Signed launch data, for the app's server to check; empty where the page is not open in a conversation. */
  readonly launch: string;
  /** The same as programs for Telegram know it; null where the app has no bot with a token. */
  readonly initData: string | null;
  /** The opaque id of whoever looks. Only a server that checks `launch` can rely on it. */
  readonly openid: string;
  /** What the link or the button said with which the app was opened. */
  readonly start: string;
  /** Asks who looks. The first time the person is asked whether the app may know. */
  who(): Promise<Person>;
  /** Shows the person a card for the conversation, which they send or not. True where it was sent. */
  share(card: Shared): Promise<boolean>;
  /** How the client looks around the frame. */
  look(): Promise<Look>;
  /** Calls `listener` whenever that changes. Answers with what ends it. */
  onLook(listener: (look: Look) => void): () => void;
  /** Asks for money. There is no ledger yet, so this is always refused with `unsupported`. */
  pay(order: { title: string; amount_fen: number }): Promise<never>;
  /** Closes the frame. */
  close(): Promise<void>;
}

declare global {
  interface Window {
    hutong: Hutong;
  }
}

class Refusal extends Error {
  constructor(readonly code: string) {
    super(`hutong: ${code}`);
  }
}

interface Waiting {
  keep: (answer: unknown) => void;
  refuse: (error: Refusal) => void;
}

function connect(): Hutong {
  const told = new URLSearchParams(location.hash.slice(1));
  const launch = told.get("hutong") ?? "";
  const { openid = "", start = "" } = payload(launch);
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(look: Look) => void>();
  let asked = 0;

  addEventListener("message", (message: MessageEvent) => {
    const said = message.data as { hutong?: number; id?: number; code?: string; answer?: unknown; look?: Look } | null;
    if (message.source !== parent || said?.hutong !== 1) return;
    if (said.look !== undefined) listeners.forEach((listener) => listener(said.look!));
    const one = waiting.get(said.id ?? 0);
    if (one === undefined) return;
    waiting.delete(said.id!);
    if (said.code === undefined) one.keep(said.answer);
    else one.refuse(new Refusal(said.code));
  });

  function ask<Answer>(what: string, more: object = {}): Promise<Answer> {
    if (parent === window) return Promise.reject(new Refusal("alone"));
    const id = ++asked;
    return new Promise<Answer>((keep, refuse) => {
      waiting.set(id, { keep: keep as Waiting["keep"], refuse });
      // Nothing secret is said here, and a page cannot know under which name its hutong is reached.
      parent.postMessage({ hutong: 1, id, ask: what, ...more }, "*");
    });
  }

  return {
    launch,
    initData: told.get("tgWebAppData"),
    openid,
    start,
    who: () => ask<Person>("who"),
    share: ({ title, text = "", start = "" }) => ask<boolean>("share", { title, text, start }),
    look: () => ask<Look>("look"),
    onLook(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pay: () => ask<never>("pay"),
    close: () => ask<void>("close"),
  };
}

function payload(launch: string): { openid?: string; start?: string } {
  try {
    const bytes = Uint8Array.from(atob(launch.split(".")[0]!.replace(/-/g, "+").replace(/_/g, "/")), (it) =>
      it.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as { openid?: string; start?: string };
  } catch {
    return {};
  }
}

window.hutong = connect();
