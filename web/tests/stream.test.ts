import { describe, expect, test } from "vitest";
import { apply } from "../src/state/apply";
import { takeNewest, type Room } from "../src/state/room";
import type { Frame } from "../src/wire/frames";
import type { Message } from "../src/wire/types";
import { alice, bob, CHAT, mo, moment, room } from "./cast";

/** A small server: what it says is a snapshot, and frames in two orders of their own, messages and changes. */
class Server {
  messages: Message[] = [];
  rev = 0;
  read = 0;
  readonly said: Frame[] = [];
  readonly changed: Frame[] = [];

  send(from: typeof alice, calls: boolean): void {
    const seq = this.messages.length + 1;
    const segments = calls ? [{ type: "mention", number: bob.number }] : [{ type: "text", text: `${seq}` }];
    const message: Message = { chat: CHAT, seq, id: seq, from, segments, at: moment(seq) };
    this.messages.push(message);
    this.said.push({ on: "message", ...message });
  }

  private tell(on: string, fields: object): void {
    this.rev += 1;
    this.changed.push({ on, chat: CHAT, rev: this.rev, at: moment(1000 + this.rev), ...fields });
  }

  recall(seq: number): void {
    const message = this.messages[seq - 1];
    if (message === undefined || message.recalled) return;
    const mentions = message.segments.some((segment) => segment.type === "mention") ? [bob.number] : [];
    const { reactions: _reactions, ...bare } = message;
    this.messages[seq - 1] = { ...bare, segments: [], recalled: true, recalled_by: mo.number };
    this.tell("recalled", { seq, sender: message.from.number, mentions, mentions_all: false, by: mo.number });
  }

  react(seq: number, number: number, emoji: string): void {
    const message = this.messages[seq - 1];
    if (message === undefined || message.recalled) return;
    const held = message.reactions ?? [];
    const one = held.find((it) => it.emoji === emoji);
    const fresh = { emoji, count: (one?.count ?? 0) + 1, mine: (one?.mine ?? false) || number === bob.number };
    const reactions = one === undefined ? [...held, fresh] : held.map((it) => (it === one ? fresh : it));
    this.messages[seq - 1] = { ...message, reactions };
    const bare = reactions.map(({ emoji: which, count }) => ({ emoji: which, count }));
    this.tell("reacted", { seq, emoji, number, added: true, count: fresh.count, reactions: bare });
  }

  counts(): { unread: number; mentions: number } {
    const unread = this.messages.filter((it) => it.seq > this.read && it.from.number !== bob.number && !it.recalled);
    return { unread: unread.length, mentions: unread.filter((it) => it.segments[0]?.type === "mention").length };
  }

  /** What a client gets that comes in now. */
  snapshot(): Room {
    const fields = { last_seq: this.messages.length, last_rev: this.rev, read_seq: this.read, ...this.counts() };
    return takeNewest(room({ ...fields, last_message: this.messages.at(-1) ?? null }), this.messages, this.rev);
  }
}

/** A row of chances that is the same in every run. */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function act(server: Server, chance: (below: number) => number): void {
  const seq = 1 + chance(server.messages.length + 1);
  const person = [alice, bob, mo][chance(3)]!;
  const what = chance(10);
  if (what < 6) server.send(person, chance(4) === 0);
  else if (what < 8) server.recall(seq);
  else server.react(seq, person.number, ["👍", "🎉"][chance(2)]!);
}

describe("an old snapshot and the frames since", () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed + 1))("come to the new snapshot (%i)", (seed) => {
    const chance = chances(seed);
    const server = new Server();
    for (let step = chance(20); step > 0; step -= 1) act(server, chance);
    server.read = chance(server.messages.length + 1);
    let client = server.snapshot();
    const [saidBefore, changedBefore] = [server.said.length, server.changed.length];
    for (let step = 1 + chance(30); step > 0; step -= 1) act(server, chance);
    const said = server.said.slice(saidBefore);
    const changed = server.changed.slice(changedBefore);
    while (said.length + changed.length > 0) {
      const next = said.length === 0 || (changed.length > 0 && chance(2) === 0) ? changed.shift()! : said.shift()!;
      client = apply(client, next, bob.number, 0);
      // The same frame may come twice.
      if (chance(5) === 0) client = apply(client, next, bob.number, 0);
    }
    const fresh = server.snapshot();
    expect(client.messages).toEqual(fresh.messages.map((message) => expect.objectContaining({ ...message })));
    expect(client.row).toMatchObject({ ...server.counts(), last_seq: fresh.row.last_seq, last_rev: server.rev });
    expect(client).toMatchObject({ recount: false, behind: false, early: [] });
  });
});
