import { expect, test } from "vitest";
import { add, drop, fail, passing, pending, retry, type Send } from "../src/state/outbox";
import { moment } from "./cast";

const send = (key: string): Send => ({ key, chat: 1, segments: [], at: moment(1), state: "pending" });

test("a send waits until it is answered, in the order of writing", () => {
  const waiting = add(add([], send("a")), send("b"));
  expect(pending(waiting).map(({ key }) => key)).toEqual(["a", "b"]);
  expect(drop(waiting, "a").map(({ key }) => key)).toEqual(["b"]);
});

test("a failed one keeps why, and is tried again under the same key", () => {
  const failed = fail(add(add([], send("a")), send("b")), "a", { code: "chat.muted", detail: "You are muted." });
  expect(pending(failed).map(({ key }) => key)).toEqual(["b"]);
  expect(failed[0]).toMatchObject({ state: "failed", code: "chat.muted" });
  const again = retry(failed, "a", moment(9));
  expect(again.at(-1)).toEqual({ ...send("a"), at: moment(9) });
});

test("only what may pass by itself is waited for", () => {
  expect(passing("hutong.unavailable")).toBe(true);
  expect(passing("chat.writer_busy")).toBe(true);
  expect(passing("chat.muted")).toBe(false);
});
