import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Attachment } from "../src/state/attachments";
import type { Ask, Refused, Sent } from "../src/wire/frames";
import { Problem, Unreachable } from "../src/wire/http";
import { bob, CHAT, moment, room } from "./cast";

const line = vi.hoisted(() => ({
  open: false,
  asked: [] as { ref: number; what: unknown }[],
  answers: { opened: () => {}, sent: (_frame: unknown) => {}, refused: (_frame: unknown) => {} },
}));

vi.mock("../src/state/connection.svelte", () => ({
  ask: (what: Ask) => {
    if (!line.open) return null;
    line.asked.push({ ref: line.asked.length + 1, what });
    return line.asked.length;
  },
  connection: {
    get state() {
      return line.open ? "open" : "closed";
    },
  },
  hearAnswers: (answers: typeof line.answers) => (line.answers = answers),
}));
vi.mock("../src/state/session.svelte", () => ({
  session: { me: { number: 10002, nickname: "Bob", avatar: null } },
}));

const lift = vi.hoisted(() => ({
  answers: [] as (() => Promise<unknown>)[],
  taken: [] as string[],
  stopped: [] as string[],
}));

vi.mock("../src/state/uploading.svelte", () => ({
  takeUp: async (one: Attachment, began: (upload: string) => void) => {
    lift.taken.push(`${one.name} ${one.as} ${one.upload ?? "new"}`);
    began(`upload of ${one.name}`);
    return (await lift.answers.shift()?.()) ?? { media: `media of ${one.name}`, kind: "file", type: "", size_bytes: 1 };
  },
  stopTaking: (files: readonly Attachment[]) => lift.stopped.push(...files.map(({ name }) => name)),
  pauseTaking: () => undefined,
}));

const sending = await import("../src/state/sending.svelte");
const rooms = await import("../src/state/rooms.svelte");
const shelf = await import("../src/state/shelf");

const words = (text: string) => [{ type: "text", text }];
const sent = (ref: number, seq: number): Sent => ({ on: "sent", ref, chat: CHAT, seq, id: seq, at: moment(seq) });
const refuse = (ref: number, code: string): Refused => ({ on: "error", ref, code, detail: "No." });
const image = (name: string): Attachment => ({
  id: name,
  name,
  type: "image/png",
  as: "picture",
  file: new Blob(["1"]),
});
const put = () => line.asked.map(({ what }) => (what as { segments: { type: string }[] }).segments);
const states = () => sending.sendsOf(CHAT).map((send) => send.state);

beforeEach(async () => {
  Object.assign(line, { open: false, asked: [] });
  Object.assign(lift, { answers: [], taken: [], stopped: [] });
  await shelf.forgetEverything();
  rooms.setRoom(room());
  await sending.startSending();
});

afterEach(() => {
  sending.stopSending();
  rooms.emptyRooms();
});

test("what is said without a network waits, and goes out in order when the line opens", () => {
  sending.say(CHAT, words("one"));
  sending.say(CHAT, words("two"));
  expect(states()).toEqual(["pending", "pending"]);
  line.open = true;
  line.answers.opened();
  expect(line.asked.map(({ what }) => (what as { segments: unknown }).segments)).toEqual([words("one"), words("two")]);
});

test("an answer puts it among the messages, once, under the same key", () => {
  line.open = true;
  sending.say(CHAT, words("hello"));
  const { key } = sending.sendsOf(CHAT)[0]!;
  line.answers.sent(sent(1, 1));
  line.answers.sent(sent(1, 1));
  expect(states()).toEqual([]);
  expect(rooms.roomOf(CHAT)!.messages).toMatchObject([{ seq: 1, key, from: bob, segments: words("hello") }]);
});

test("after a break it is sent again under the same key, so that the server knows it", () => {
  line.open = true;
  sending.say(CHAT, words("hello"));
  line.answers.opened();
  const keys = line.asked.map(({ what }) => (what as { key: string }).key);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test("a refusal shows why, and may be tried again or dropped", () => {
  line.open = true;
  sending.say(CHAT, words("hello"));
  line.answers.refused(refuse(1, "chat.muted"));
  expect(sending.sendsOf(CHAT)[0]).toMatchObject({ state: "failed", code: "chat.muted" });
  const { key } = sending.sendsOf(CHAT)[0]!;
  sending.sayAgain(key);
  expect(states()).toEqual(["pending"]);
  sending.sayNoMore(key);
  expect(states()).toEqual([]);
});

test("a refusal that passes by itself leaves it waiting", () => {
  line.open = true;
  sending.say(CHAT, words("hello"));
  line.answers.refused(refuse(1, "hutong.unavailable"));
  expect(states()).toEqual(["pending"]);
});

test("what waits is there again after the browser was closed", async () => {
  sending.say(CHAT, words("hello"));
  await vi.waitFor(async () => expect(await shelf.keptKeys("sends")).toHaveLength(1));
  sending.stopSending();
  await sending.startSending();
  expect(sending.sendsOf(CHAT)).toMatchObject([{ segments: words("hello"), state: "pending" }]);
});

test("a message with files goes out when the last of them is up, and they stand before its words", async () => {
  line.open = true;
  sending.sayAll(CHAT, words("look"), [image("a"), image("b")]);
  await vi.waitFor(() => expect(put()).toHaveLength(1));
  expect(lift.taken).toEqual(["a picture new", "b picture new"]);
  expect(put()[0]).toMatchObject([{ media: "media of a" }, { media: "media of b" }, { text: "look" }]);
});

test("files wait for the network, and are taken up from where they stopped", async () => {
  sending.sayAll(CHAT, [], [image("a")]);
  expect(lift.taken).toEqual([]);
  line.open = true;
  lift.answers.push(() => Promise.reject(new Unreachable("cut")));
  line.answers.opened();
  await vi.waitFor(() => expect(sending.sendsOf(CHAT)[0]!.attachments![0]!.upload).toBe("upload of a"));
  await vi.waitFor(async () => {
    line.answers.opened();
    expect(lift.taken).toEqual(["a picture new", "a picture upload of a"]);
  });
  expect(states()).toEqual(["pending"]);
});

test("files that wait are there again after the browser was closed", async () => {
  sending.sayAll(CHAT, words("look"), [image("a")]);
  await vi.waitFor(async () => expect(await shelf.keptKeys("sends")).toHaveLength(1));
  sending.stopSending();
  await sending.startSending();
  const kept = sending.sendsOf(CHAT)[0]!.attachments![0]!;
  expect([kept.name, await kept.file.text()]).toEqual(["a", "1"]);
});

test("a picture that is refused may go as a file, the others of its message as they are", async () => {
  line.open = true;
  lift.answers.push(
    () => Promise.resolve({ media: "media of a", kind: "image", type: "", size_bytes: 1 }),
    () => Promise.reject(new Problem(400, "media.picture_damaged", "No.")),
  );
  sending.sayAll(CHAT, [], [image("a"), image("b")]);
  await vi.waitFor(() => expect(states()).toEqual(["failed"]));
  expect(put()).toEqual([]);
  sending.sayAsFile(sending.sendsOf(CHAT)[0]!.key);
  await vi.waitFor(() => expect(put()).toHaveLength(2));
  expect(put()).toMatchObject([[{ type: "image" }], [{ type: "file", media: "media of b" }]]);
  expect(lift.taken.at(-1)).toBe("b file new");
});

test("what is not sent after all is stopped on its way", () => {
  sending.sayAll(CHAT, [], [image("a")]);
  sending.sayNoMore(sending.sendsOf(CHAT)[0]!.key);
  expect(lift.stopped).toEqual(["a"]);
  expect(states()).toEqual([]);
});
