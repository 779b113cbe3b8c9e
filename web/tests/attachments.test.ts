import { expect, test } from "vitest";
import {
  asFile,
  fileKind,
  grouped,
  lengthWords,
  meant,
  parcels,
  purposeOf,
  segmentOf,
  whole,
  type Attachment,
} from "../src/state/attachments";

const file = (id: string, type: string): Attachment => ({
  id,
  name: `${id}.bin`,
  type,
  as: meant(type),
  file: new Blob(["1"]),
});
const text = { type: "text", text: "look" };
const reply = { type: "reply", seq: 3 };
const media = { media: "abcdefgh", type: "", size_bytes: 1, name: "harbour.jpg" };

test("pictures go together, nine at most; every other file goes alone", () => {
  const pictures = Array.from({ length: 11 }, (_, index) => file(`p${index}`, "image/jpeg"));
  const groups = grouped([
    pictures[0]!,
    file("doc", "application/pdf"),
    ...pictures.slice(1),
    file("raw", "image/x-raw"),
  ]);
  expect(groups.map((group) => group.length)).toEqual([9, 2, 1, 1]);
});

test("a message is whole when the last of its files is there, its reply first and its words last", () => {
  const going = [file("a", "image/png"), file("b", "image/png")];
  const words = [
    { type: "reply", seq: 3 },
    { type: "text", text: "look" },
  ];
  expect(whole(going, words)).toBeNull();
  const there = going.map((one) => ({ ...one, media: { ...media, kind: "image", width: 4, height: 3 } }));
  expect(whole(there, words)?.map(({ type }) => type)).toEqual(["reply", "image", "image", "text"]);
  expect(whole([], words)).toEqual(words);
});

test("what the server found a file to be decides how it is shown", () => {
  const as = (kind: string, more: object = {}) => segmentOf({ ...file("a", ""), media: { ...media, kind, ...more } });
  expect(as("image", { width: 4, height: 3 })).toEqual({
    type: "image",
    media: "abcdefgh",
    width: 4,
    height: 3,
    size: 1,
  });
  expect(as("voice", { duration_ms: 900 })).toEqual({ type: "voice", media: "abcdefgh", duration: 900, size: 1 });
  expect(as("file")).toEqual({ type: "file", media: "abcdefgh", name: "harbour.jpg", size: 1 });
});

test("lengths are said as a clock shows them", () => {
  expect([0, 900, 61_000, 754_000].map(lengthWords)).toEqual(["0:00", "0:01", "1:01", "12:34"]);
});

test("words go with the pictures, and the rest follows", () => {
  const made = parcels([file("doc", "application/pdf"), file("a", "image/png")], [reply, text]);
  expect(made.map(({ attachments, words }) => [attachments.map(({ id }) => id), words])).toEqual([
    [["a"], [reply, text]],
    [["doc"], []],
  ]);
});

test("words with files alone follow them; what they reply to goes first", () => {
  const made = parcels([file("one", ""), file("two", "")], [reply, text]);
  expect(made.map(({ attachments, words }) => [attachments.map(({ id }) => id), words])).toEqual([
    [["one"], [reply]],
    [["two"], []],
    [[], [text]],
  ]);
});

test("words alone are one message, and a reply to nothing is none", () => {
  expect(parcels([], [reply, text])).toEqual([{ attachments: [], words: [reply, text] }]);
  expect(parcels([], [reply])).toEqual([]);
});

test("what is sent as a file is not looked into, and begins its upload anew", () => {
  const picture = { ...file("a", "image/png"), upload: "u1" };
  expect(purposeOf(picture)).toBe("message");
  const plain = asFile(picture);
  expect([plain.as, plain.upload, purposeOf(plain)]).toEqual(["file", undefined, "file"]);
});

test("the drawing on a card follows the ending of the name", () => {
  const kinds = ["报表.XLSX", "a.tar.gz", "notes", "song.mp3", "photo.heic", ".zip"].map(fileKind);
  expect(kinds).toEqual(["sheet", "archive", "other", "sound", "picture", "archive"]);
});
