import { describe, expect, test } from "vitest";
import source from "../src/styles/tokens.css?raw";

type Light = [red: number, green: number, blue: number];

/** Linear sRGB of an oklch colour, cut to the gamut as a screen does it. The matrices are Björn Ottosson's. */
function linear(lightness: number, chroma: number, hue: number): Light {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function tokens(mode: "light" | "dark"): Map<string, Light> {
  const found = new Map<string, Light>();
  const pair = /--([a-z0-9-]+): light-dark\(oklch\(([\d. ]+)\), oklch\(([\d. ]+)\)\)/g;
  for (const [, name, light, dark] of source.matchAll(pair)) {
    const [lightness, chroma, hue] = (mode === "light" ? light : dark)!.split(" ").map(Number);
    found.set(name!, linear(lightness!, chroma!, hue!));
  }
  return found;
}

function luminance([red, green, blue]: Light): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Light, other: Light): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((x, y) => x - y);
  return (bright! + 0.05) / (dim! + 0.05);
}

/** Every pair of a text and the ground it stands on anywhere in the client. */
const texts: [text: string, ground: string][] = [
  ...["ink", "brick-4", "brick-5", "vermilion-text", "jade-text", "plum"].flatMap((text) =>
    ["paper", "card", "brick-1"].map((ground): [string, string] => [text, ground]),
  ),
  ["ink", "brick-2"],
  ["brick-5", "brick-2"],
  ["on-vermilion", "vermilion"],
  ["on-vermilion", "vermilion-pressed"],
  ["ink-on-tint", "vermilion-tint"],
  ["quiet-on-tint", "vermilion-tint"],
  ["ink-on-tint", "vermilion-faint"],
  ["quiet-on-tint", "vermilion-faint"],
  ["vermilion-text", "vermilion-faint"],
  ["vermilion-text", "vermilion-tint"],
  ["ginkgo-text", "ginkgo-tint"],
  ["plum", "plum-tint"],
  ["ink", "plum-tint"],
  ["ink", "ginkgo-tint"],
  ["on-plum", "plum"],
  ...[0, 1, 2, 3, 4].map((tint): [string, string] => ["on-avatar", `tint-${tint}`]),
];

/** Lines and marks that carry meaning without a word beside them. */
const marks: [mark: string, ground: string][] = [
  ["brick-3", "paper"],
  ["brick-3", "card"],
  ["vermilion", "paper"],
  ["jade", "paper"],
  ["plum", "paper"],
];

describe.each(["light", "dark"] as const)("colours in %s", (mode) => {
  const colours = tokens(mode);

  test.each(texts)("%s can be read on %s", (text, ground) => {
    expect(contrast(colours.get(text)!, colours.get(ground)!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(marks)("%s can be told from %s", (mark, ground) => {
    expect(contrast(colours.get(mark)!, colours.get(ground)!)).toBeGreaterThanOrEqual(3);
  });
});

test("black on white is 21 to 1, so the sum is right", () => {
  expect(contrast(linear(0, 0, 0), linear(1, 0, 0))).toBeCloseTo(21, 1);
});
