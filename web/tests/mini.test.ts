import { expect, test } from "vitest";
import { askedBy, cardOf, miniOf, miniPath, miniPlace } from "../src/state/mini";

const share = { hutong: 1, id: 3, ask: "share", title: " Book  7 ", text: "Read\nthis", start: "book-7" };

test("a question is read as far as it makes sense", () => {
  expect(askedBy({ hutong: 1, id: 1, ask: "who" })).toEqual({ id: 1, ask: "who" });
  expect(askedBy(share)).toEqual({ id: 3, ask: "share", title: "Book 7", text: "Read this", start: "book-7" });
  for (const other of [null, 7, "who", {}, { id: 1, ask: "who" }, { hutong: 1, id: "1", ask: "who" }]) {
    expect(askedBy(other)).toBeNull();
  }
});

test("what a frame says wrongly is answered, and nothing else is done", () => {
  for (const wrong of [
    { ask: "steal" },
    { title: "" },
    { title: "x".repeat(81) },
    { text: "x".repeat(501) },
    { start: "a b" },
    { start: 7 },
  ]) {
    expect(askedBy({ ...share, ...wrong })).toEqual({ id: 3, ask: null });
  }
});

test("a link to a mini app opens it in the conversation in which it is read", () => {
  const there = { pathname: "/chats/80001/apps/1001", search: "?start=book-7&x=1" };
  expect(miniPlace(there, 80002)).toBe("/chats/80002/apps/1001?start=book-7");
  expect(miniPlace({ ...there, search: "?page=book%2F7" }, 80002)).toBe("/chats/80002/apps/1001?page=book%2F7");
  expect(miniPlace({ ...there, pathname: "/chats/80001" }, 80002)).toBeNull();
  expect(miniPlace({ ...there, pathname: "/chats/80001/apps/x" }, 80002)).toBeNull();
  expect(miniOf("https://a.example/chats/1/apps/2", "https://a.example", 3)).toBe("/chats/3/apps/2");
  expect(miniOf("https://b.example/chats/1/apps/2", "https://a.example", 3)).toBeNull();
  expect(miniOf("no address", "https://a.example", 3)).toBeNull();
});

test("what is shared is a link that leads back, with what the person says before it", () => {
  const asked = askedBy(share) as Parameters<typeof cardOf>[3];
  const link = { type: "link", url: `https://a.example${miniPath(80001, 1001, "book-7")}`, title: "Book 7" };
  expect(cardOf("https://a.example", 80001, 1001, asked)).toEqual([{ type: "text", text: "Read this\n" }, link]);
  expect(cardOf("https://a.example", 80001, 1001, { ...asked, text: "" })).toEqual([link]);
});
