import { expect, test } from "vitest";
import { lasting, size } from "../src/i18n";
import { counted, fill } from "../src/i18n/words.svelte";
import { readable } from "../src/state/problems.svelte";

test("large numbers are grouped as the language has them", () => {
  expect(["zh-Hans", "en"].map((spoken) => counted(14_343, spoken as "en"))).toEqual(["14,343", "14,343"]);
  expect(fill("{n} member|{n} members", { n: 2000 }, "en")).toBe("2,000 members");
  expect(fill("最多 {chars_max} 个字。", { chars_max: 1000 }, "zh-Hans")).toBe("最多 1,000 个字。");
});

test("numbers that are names, and years, are not", () => {
  expect(fill("群号 {number}", { number: 80001 }, "zh-Hans")).toBe("群号 80001");
  expect(fill("{year_min} to {year_max}", { year_min: 1900, year_max: 2026 }, "en")).toBe("1900 to 2026");
});

test("sizes are said as people read them", () => {
  const sizes = [0, 1023, 1024, 1_572_864, 100 * 1024 ** 2, 1.25 * 1024 ** 3, 2048 * 1024 ** 3];
  expect(sizes.map(size)).toEqual(["0 B", "1,023 B", "1 KB", "1.5 MB", "100 MB", "1.3 GB", "2,048 GB"]);
});

test("what lasts long is said in minutes and hours, and never too short", () => {
  expect([1, 119, 120, 125, 7_199, 7_200, 86_400].map(lasting)).toEqual([
    "1 秒",
    "119 秒",
    "2 分钟",
    "3 分钟",
    "120 分钟",
    "2 小时",
    "24 小时",
  ]);
});

test("a refusal is told in the units of people", () => {
  expect(readable({ bytes_max: 104_857_600, retry_after_s: 45, chars_max: 40, until: "soon" })).toEqual({
    bytes_max: "100 MB",
    retry_after_s: "45 秒",
    chars_max: 40,
    until: "soon",
  });
});
