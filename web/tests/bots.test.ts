import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { apply } from "../src/state/apply";
import { choicesFor, commandAt } from "../src/state/commands.svelte";
import { wrongOf } from "../src/state/filling";
import { html, plain } from "../src/state/markdown.svelte";
import { alerts, forgetPresses, heardAnswer, press, waits } from "../src/state/presses.svelte";
import { problems } from "../src/state/problems.svelte";
import { countAfter } from "../src/state/room";
import { gist, writing } from "../src/state/segments";
import type { Answered } from "../src/wire/bots";
import type { Frame } from "../src/wire/frames";
import { alice, bob, CHAT, message, moment, room } from "./cast";

const nameOf = (number: number) => `#${number}`;

describe("an edit", () => {
  const edited = (rev: number, seq: number, fields: object = {}): Frame => ({
    on: "edited",
    chat: CHAT,
    rev,
    seq,
    sender: alice.number,
    segments: [{ type: "text", text: "Three." }],
    mentions: [],
    mentions_all: false,
    previews: [],
    at: moment(100),
    ...fields,
  });
  const hear = (...frames: Frame[]) => frames.reduce((now, it) => apply(now, it, bob.number, 0), room());
  const calling = [{ type: "mention", number: bob.number }];

  test("changes the message, also as the list shows it", () => {
    const after = hear({ on: "message", ...message(1) }, edited(1, 1));
    expect(after.messages[0]).toMatchObject({ segments: [{ text: "Three." }], edited_at: moment(100) });
    expect(after.row.last_message).toMatchObject({ segments: [{ text: "Three." }] });
  });

  test("waits for a message that is still to come", () => {
    const after = hear(edited(1, 1), { on: "message", ...message(1) });
    expect(after.messages[0]).toMatchObject({ edited_at: moment(100) });
  });

  test("calls nobody and takes no call back", () => {
    const after = hear(
      { on: "message", ...message(1, alice, calling) },
      { on: "message", ...message(2) },
      edited(1, 1, { mentions: [bob.number] }),
      edited(2, 2, { segments: calling }),
    );
    expect(after.row).toMatchObject({ unread: 2, mentions: 1 });
    expect(countAfter(after, 0, bob.number)).toEqual({ unread: 2, mentions: 1 });
  });

  test("is gone with the message", () => {
    const recalled = { on: "recalled", chat: CHAT, rev: 2, seq: 1, sender: alice.number, by: alice.number, at: "" };
    const after = hear({ on: "message", ...message(1) }, edited(1, 1), recalled);
    expect(after.messages[0]).toMatchObject({ segments: [], recalled: true });
    expect(after.messages[0]).not.toHaveProperty("edited_at");
  });
});

test("what bots say is told in one line, and can be copied", () => {
  const segments = [
    { type: "markdown", text: "# Today\n\n**17 °C** in [the north](https://a.example), `light` _wind_" },
    { type: "card", title: "Weather", fields: [] },
    { type: "form", title: "Order" },
    { type: "buttons", rows: [[{ label: "Yes", data: "yes" }]] },
  ];
  expect(gist(segments, nameOf)).toBe("Today 17 °C in the north, light wind Weather [表单] Order");
  expect(writing(segments, nameOf)).toBe("Today 17 °C in the north, light wind Weather");
  expect(plain("snake_case_name, 2 * 3 * 4")).toBe("snake_case_name, 2 * 3 * 4");
});

test("markup becomes HTML with nothing dangerous in it", async () => {
  expect(html("**Bold**")).toBeNull();
  await vi.waitFor(() => expect(html("**Bold**")).not.toBeNull());
  expect(html("**Bold** ~~no~~")).toBe("<p><strong>Bold</strong> <s>no</s></p>\n");
  expect(html("# Title")).toBe('<p class="heading">Title</p>\n');
  expect(html("<img src=x onerror=alert(1)>")).not.toContain("<img");
  expect(html("![spy](https://a.example/1.png)")).not.toContain("<img");
  for (const address of ["javascript:alert(1)", "data:text/html,x", "//a.example", "/me"])
    expect(html(`[here](${address})`)).not.toContain("<a");
  expect(html("https://a.example")).toContain('target="_blank" rel="noopener noreferrer nofollow"');
});

describe("commands", () => {
  const command = (name: string, bot: number, handle: string | null = null) => ({
    name,
    about: "",
    usage: "",
    bot,
    bot_name: `Bot ${bot}`,
    handle,
  });

  test("are asked for behind a / at the beginning", () => {
    expect(commandAt("/", 1)).toBe("");
    expect(commandAt("/借", 2)).toBe("借");
    expect(commandAt("/help@lib", 9)).toBe("help@lib");
    expect(commandAt("/help me", 8)).toBeNull();
    expect(commandAt("see /help", 9)).toBeNull();
  });

  test("say whose they are where two bots have the same", () => {
    const all = [command("help", 1, "librarian"), command("help", 2), command("lend", 1)];
    expect(choicesFor(all, "h").map(({ call }) => call)).toEqual(["/help@librarian", "/help@2"]);
    expect(choicesFor(all, "L").map(({ call }) => call)).toEqual(["/lend"]);
  });
});

test("a form says what is wrong at each field", () => {
  const fields = [
    { name: "who", label: "Name", required: true, min: 2 },
    { name: "count", label: "Pieces", kind: "number" as const, min: 1, max: 9 },
    { name: "day", label: "Day", kind: "date" as const, min: "2026-11-24" },
  ];
  expect(wrongOf(fields, {})).toEqual({ who: "这里要填。" });
  expect(wrongOf(fields, { who: "B", count: "10", day: "2026-11-23" })).toEqual({
    who: "至少写 2 个字。",
    count: "最大是 9。",
    day: "不能早于 2026-11-24。",
  });
  expect(wrongOf(fields, { who: "Bo", count: "many", day: "soon" })).toEqual({
    count: "这里要填数字。",
    day: "这里要填日期。",
  });
  expect(wrongOf(fields, { who: "Bo", count: "3", day: "2026-11-24" })).toEqual({});
});

describe("a press", () => {
  const where = { chat: CHAT, seq: 1, bot: "Librarian" };
  const answer = (fields: object = {}): Answered => ({
    on: "answered",
    chat: CHAT,
    seq: 1,
    press: "p1",
    text: "",
    alert: false,
    code: 0,
    ...fields,
  });
  const answers = (body: unknown, status = 201) =>
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body), { status })));

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", { cookie: "" });
    answers({ press: "p1" });
  });
  afterEach(() => {
    forgetPresses();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test("waits for its bot, and tells what it has to say", async () => {
    await press(where, "yes");
    expect(waits(CHAT, 1, "yes")).toBe(true);
    heardAnswer(answer({ text: "Counted." }));
    expect(waits(CHAT, 1, "yes")).toBe(false);
    expect(problems.last?.text).toBe("Counted.");
    expect(alerts.last).toBeNull();
  });

  test("shows what is to be seen", async () => {
    await press(where, "yes");
    heardAnswer(answer({ text: "Look!", alert: true }));
    expect(alerts.last).toEqual({ bot: "Librarian", text: "Look!" });
  });

  test("says what went wrong where the bot has no words for it", async () => {
    await press(where, "yes");
    heardAnswer(answer({ code: 5 }));
    expect(problems.last?.text).toBe("Librarian 只为群主和管理员这样做。");
  });

  test("is answered where the answer comes before the id", async () => {
    heardAnswer(answer({ text: "Quick." }));
    await press(where, "yes");
    expect(waits(CHAT, 1, "yes")).toBe(false);
    expect(problems.last?.text).toBe("Quick.");
  });

  test("says that no answer has come, and takes one that comes late", async () => {
    await press(where, "yes");
    vi.advanceTimersByTime(15_000);
    expect(waits(CHAT, 1, "yes")).toBe(false);
    expect(problems.last?.text).toBe("Librarian 没有回应。");
    heardAnswer(answer({ text: "Here I am." }));
    expect(problems.last?.text).toBe("Here I am.");
  });

  test("that is refused waits for nobody", async () => {
    answers({ code: "openplatform.no_such_button", detail: "" }, 404);
    await expect(press(where, "yes")).rejects.toMatchObject({ code: "openplatform.no_such_button" });
    expect(waits(CHAT, 1, "yes")).toBe(false);
  });
});
