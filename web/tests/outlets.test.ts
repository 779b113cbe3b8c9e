/** How outlets and what became of events are told. */
import { beforeAll, describe, expect, test } from "vitest";
import { speak } from "../src/i18n";
import { deliveryTold, forField, healthOf, laidOut, wrongAddress } from "../src/views/openplatform/outlets";
import type { Delivery, Outlet } from "../src/wire/outlets";

const outlet = (fields: Partial<Outlet>): Outlet => ({
  outlet: 1,
  kind: "webhook",
  url: "https://bot.example",
  options: {},
  state: "on",
  position: 5,
  waiting: 0,
  tries: 0,
  failing_since: null,
  last_error: "",
  made_at: "2026-11-23T05:48:40.123Z",
  secret: null,
  ...fields,
});

const delivery = (fields: Partial<Delivery>): Delivery => ({
  delivery: 1,
  event: 17,
  state: "delivered",
  status: 200,
  error: "",
  took_ms: 35,
  tries: 1,
  at: "2026-11-23T05:48:40.123Z",
  next_at: null,
  frame: null,
  ...fields,
});

beforeAll(() => {
  Object.assign(globalThis, { document: { documentElement: { lang: "" } } });
  speak("en");
});

describe("an address", () => {
  test.each([
    ["webhook", "https://bot.example/hook"],
    ["webhook", "http://192.168.1.5:8080"],
    ["onebot11_ws", "wss://bot.example/onebot/v11/ws"],
  ] as const)("of a %s may be %s", (kind, url) => {
    expect(wrongAddress(kind, url)).toBeUndefined();
  });

  test.each([
    ["webhook", "wss://bot.example"],
    ["onebot11_ws", "https://bot.example"],
    ["webhook", "bot.example/hook"],
    ["webhook", "https://"],
    ["webhook", "https://me:secret@bot.example"],
  ] as const)("of a %s may not be %s", (kind, url) => {
    expect(wrongAddress(kind, url)).toContain(kind === "webhook" ? "https://" : "wss://");
  });
});

test("how it goes with an outlet: what is off fails nobody", () => {
  const since = "2026-11-23T05:48:40.123Z";
  expect(healthOf(outlet({}))).toBe("fine");
  expect(healthOf(outlet({ waiting: 2 }))).toBe("waiting");
  expect(healthOf(outlet({ waiting: 2, failing_since: since }))).toBe("failing");
  expect(healthOf(outlet({ state: "off", failing_since: since }))).toBe("off");
});

describe("what became of an event", () => {
  test("that arrived", () => {
    expect(deliveryTold(delivery({}))).toBe("Answered 200 within 35 ms");
    expect(deliveryTold(delivery({ status: null }))).toBe("Handed over within 35 ms");
  });

  test("that was refused, and is tried again", () => {
    const told = deliveryTold(
      delivery({ state: "waiting", status: 500, error: "…", tries: 3, next_at: "2026-11-23T05:48:40.123Z" }),
    );
    expect(told).toMatch(/^The other end answered 500 · try 3, the next one at \d\d:\d\d$/);
  });

  test("that never arrived", () => {
    const told = deliveryTold(delivery({ state: "dead", status: null, error: "No address.", tries: 290 }));
    expect(told).toBe("Nobody answered · given up after 290 tries");
  });

  test("that is to be sent again and was not tried yet", () => {
    expect(deliveryTold(delivery({ state: "waiting", status: null, tries: 0 }))).toBe("about to be sent");
  });
});

test("an event is laid out for people, or stands as it came", () => {
  expect(laidOut('{"event":1}')).toBe('{\n  "event": 1\n}');
  expect(laidOut("not JSON")).toBe("not JSON");
  expect(laidOut(null)).toBeNull();
});

test("a field for dates gets the moment in the reader's own zone", () => {
  const moment = new Date("2026-11-23T05:48:40.123Z");
  expect(new Date(forField(moment)).getTime()).toBe(Date.parse("2026-11-23T05:48:00Z"));
});
