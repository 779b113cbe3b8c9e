import { describe, expect, test } from "vitest";
import { en } from "../src/i18n/en";
import { zh } from "../src/i18n/zh";
import { daysAgo } from "../src/i18n/times";
import { fill, preferred } from "../src/i18n/words.svelte";

const names = (sentence: string) => new Set(sentence.match(/\{\w+\}/g) ?? []);

describe("the two languages", () => {
  test("say the same things", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  test.each(Object.keys(zh) as (keyof typeof zh)[])("%s is filled with the same names and is not empty", (key) => {
    expect(names(en[key])).toEqual(names(zh[key]));
    expect(zh[key].trim()).not.toBe("");
    expect(en[key].trim()).not.toBe("");
  });
});

const lines = (Object.keys(en) as (keyof typeof en)[]).filter((key) => key.startsWith("line."));

test.each(lines)("%s can be said of whoever reads it, as you", (key) => {
  expect(en[key]).not.toMatch(/^\{(who|by)\} (is|was|has|\w+[^s]s)\b/);
});

test("names are filled, one and many are told apart", () => {
  expect(fill("{n} member|{n} members", { n: 1 }, "en")).toBe("1 member");
  expect(fill("{n} member|{n} members", { n: 3 }, "en")).toBe("3 members");
  expect(fill("{who} 来了", { who: "林见" }, "zh-Hans")).toBe("林见 来了");
});

test("the first language of the reader that we speak is taken", () => {
  expect(preferred(["fr", "zh-TW", "en"])).toBe("zh-Hans");
  expect(preferred(["en-GB", "zh"])).toBe("en");
  expect(preferred(["fr"])).toBe("en");
});

test("days are counted by the reader's calendar, not by 24 hours", () => {
  expect(daysAgo(new Date(2026, 10, 22, 23, 59), new Date(2026, 10, 23, 0, 1))).toBe(1);
  expect(daysAgo(new Date(2026, 10, 23, 0, 1), new Date(2026, 10, 23, 23, 59))).toBe(0);
});
