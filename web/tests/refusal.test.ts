import { expect, test } from "vitest";
import { Refusal } from "../src/state/refusal.svelte";
import { Problem, Unreachable } from "../src/wire/http";

const taken = new Problem(409, "identity.handle_taken", "", { handle: "alice" });

test("a refusal that is about a field is told there, until something else stands in it", () => {
  const refusal = new Refusal();
  refusal.take(taken, { handle: "alice", nickname: "Bob" });
  expect(refusal.at("handle", "alice")).toContain("alice");
  expect(refusal.at("handle", "alice2")).toBeUndefined();
  expect([refusal.at("nickname", "Bob"), refusal.whole]).toEqual([undefined, ""]);
  refusal.clear();
  expect(refusal.at("handle", "alice")).toBeUndefined();
});

test("a text that is too long names its field itself", () => {
  const refusal = new Refusal();
  refusal.take(new Problem(400, "chat.text_too_long", "", { field: "city", chars_max: 40 }), { name: "", city: "x" });
  expect(refusal.at("city", "x")).toContain("40");
});

test("what has the wrong form is told at its field, in words for people", () => {
  const refusal = new Refusal();
  const reason = "city: Expected `str` of length <= 60";
  refusal.take(new Problem(400, "hutong.invalid", "", { reason }), { city: "x" });
  expect(refusal.at("city", "x")).not.toContain("Expected");
  expect(refusal.at("city", "x")).not.toBeUndefined();
});

test.each([taken, new Unreachable("no answer"), new Error("broken")])(
  "what the form has no field for, it tells",
  (error) => {
    const refusal = new Refusal();
    refusal.take(error, { nickname: "Bob" });
    expect(refusal.whole).not.toBe("");
    expect(refusal.at("handle", undefined)).toBeUndefined();
  },
);
