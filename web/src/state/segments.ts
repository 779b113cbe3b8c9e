/** What a message is made of: put together when it is written, and told in one line. */
import { t } from "../i18n";
import type { Segment } from "../wire/types";
import { plain } from "./markdown.svelte";

export interface Mention {
  /** Null mentions everyone. */
  number: number | null;
  name: string;
}

export const text = (segment: Segment) => segment.text ?? "";

function mentionOf({ number, name }: Mention): Segment {
  return number === null ? { type: "mention", all: true } : { type: "mention", number, name };
}

/** How a mention is shown: as whoever wrote it saw the name, or as it is known here. */
export function called(segment: Segment, nameOf: (number: number) => string): string {
  const { number, all, name } = segment;
  return all === true || number === undefined ? t("mention.all") : name || nameOf(number);
}

/** What was written becomes segments: each `@name` that was picked, a mention; the rest, text. */
export function compose(written: string, picked: readonly Mention[], reply: number | null): Segment[] {
  const segments: Segment[] = reply === null ? [] : [{ type: "reply", seq: reply }];
  const longestFirst = [...picked].sort((one, other) => other.name.length - one.name.length);
  let plain = "";
  const flush = () => {
    if (plain !== "") segments.push({ type: "text", text: plain });
    plain = "";
  };
  let rest = written.trim();
  while (rest !== "") {
    const meant = rest.startsWith("@") ? longestFirst.find(({ name }) => rest.startsWith(`@${name}`)) : undefined;
    if (meant === undefined) {
      const [first] = rest;
      plain += first;
      rest = rest.slice(first!.length);
      continue;
    }
    flush();
    segments.push(mentionOf(meant));
    rest = rest.slice(meant.name.length + 1);
  }
  flush();
  return segments;
}

/** The `@` that is being typed right before the caret, and what stands after it so far. */
export function mentionAt(written: string, caret: number): { from: number; query: string } | null {
  const found = /(?:^|[\s\p{P}\p{Script=Han}])@([^\s@]{0,20})$/u.exec(written.slice(0, caret));
  if (found === null) return null;
  const query = found[1]!;
  return { from: caret - query.length - 1, query };
}

const named = {
  image: "gist.image",
  file: "gist.file",
  voice: "gist.voice",
  video: "gist.video",
  face: "gist.face",
  location: "gist.location",
  card: "gist.card",
  poll: "gist.poll",
  forward: "gist.forward",
} as const;

function told(segment: Segment, nameOf: (number: number) => string): string {
  const { type } = segment;
  if (type === "text") return text(segment);
  if (type === "markdown") return `${plain(text(segment))} `;
  if (type === "card" && segment.title !== undefined) return `${segment.title} `;
  if (type === "form") return `${t("gist.form")} ${segment.title ?? ""} `;
  if (type === "buttons") return "";
  if (type === "mention") return `@${called(segment, nameOf)}`;
  if (type === "reply") return "";
  if (type === "link") return segment.title || (segment.url ?? "");
  if (type === "file") return `${t("gist.file")} ${segment.name ?? ""} `;
  return type in named ? `${t(named[type as keyof typeof named])} ` : t("gist.unknown");
}

/** A message in one line. `nameOf` gives the name for the number of a mention. Several pictures are counted. */
export function gist(segments: readonly Segment[], nameOf: (number: number) => string): string {
  const pictures = segments.filter(({ type }) => type === "image");
  const words = segments.map((segment) => {
    if (segment.type !== "image" || pictures.length === 1) return told(segment, nameOf);
    return segment === pictures[0] ? `${t("gist.images", { n: pictures.length })} ` : "";
  });
  return words.join("").replace(/\s+/g, " ").trim();
}

/** What is written in a message, without what stands beside it. */
export function writing(segments: readonly Segment[], nameOf: (number: number) => string): string {
  const written = new Set(["text", "markdown", "mention", "link", "card"]);
  return gist(
    segments.filter(({ type }) => written.has(type)),
    nameOf,
  );
}

/** The picture that stands for a message where there is little room. */
export const firstPicture = (segments: readonly Segment[]): string | null =>
  segments.find(({ type }) => type === "image")?.media ?? null;

/** Pictures or a film and nothing else. */
export const onlyShown = (segments: readonly Segment[]): boolean =>
  segments.length > 0 && segments.every(({ type }) => type === "image" || type === "video");

/** The files of a message that can be saved. */
export const carried = (segments: readonly Segment[]): string[] =>
  segments.flatMap(({ type, media }) =>
    ["image", "file", "voice", "video"].includes(type) && media !== undefined ? [media] : [],
  );
