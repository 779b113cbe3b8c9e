import { expect, test } from "vitest";
import { onTheWayTo, onwardTo } from "../src/state/onward";

const HERE = "https://talk.example.org";

test("one goes on to the place that was asked for", () => {
  const asked = "/chats/80001?at=5";
  const door = new URL(onTheWayTo(asked, "/sign-up"), HERE);
  expect(door.pathname).toBe("/sign-up");
  expect(onwardTo(door.searchParams.get("next"), HERE)).toBe(asked);
  expect(onTheWayTo("/", "/sign-in")).toBe("/sign-in");
});

test.each([
  null,
  "",
  "//evil.example",
  "/\\evil.example",
  "https://evil.example/",
  "javascript:alert(1)",
  "http://[",
  "/sign-in",
])("from the door nobody is led to %s", (next) => expect(onwardTo(next, HERE)).toBe("/"));
