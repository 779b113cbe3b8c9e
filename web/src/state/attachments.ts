/** Files on their way into a message. Pure. */
import type { Segment } from "../wire/types";
import type { Media, Purpose } from "../wire/media";

/** What it is meant to be shown as; a `file` goes up as it is, every byte, and is downloaded. */
export type As = "picture" | "video" | "voice" | "file";

export interface Attachment {
  id: string;
  name: string;
  type: string;
  as: As;
  file: Blob;
  /** Of a picture, measured here, so that its place is kept while it goes up. */
  width?: number;
  height?: number;
  /** Of a voice, as long as it was recorded. */
  duration_ms?: number;
  /** The upload that was begun for it, and what it has become. */
  upload?: string;
  media?: Media;
}

export const PICTURES_MAX = 9;

/** Kinds that every browser shows; anything else is sent as a file. */
const SHOWN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);

/** How a file is shown by what the browser takes it for. */
export function meant(type: string): As {
  if (SHOWN.has(type)) return "picture";
  return type.startsWith("video/") ? "video" : "file";
}

export const isPicture = ({ as }: Pick<Attachment, "as">) => as === "picture";
export const purposeOf = ({ as }: Pick<Attachment, "as">): Purpose => (as === "file" ? "file" : "message");

/** The same, to be sent as a file: what was begun for it as something else is not gone on with. */
export function asFile(attachment: Attachment): Attachment {
  const { upload: _upload, media: _media, ...same } = attachment;
  return { ...same, as: "file" };
}

/** What the server found a file to be decides how it is shown; a file that was sent as one stays one. */
export function segmentOf({ name, media }: Attachment & { media: Media }): Segment {
  const { kind, width, height, duration_ms, size_bytes } = media;
  const size = { size: size_bytes };
  const area = width === undefined || height === undefined ? {} : { width, height };
  const lasts = duration_ms === undefined ? {} : { duration: duration_ms };
  if (kind === "image") return { type: "image", media: media.media, ...area, ...size };
  if (kind === "video") return { type: "video", media: media.media, ...area, ...lasts, ...size };
  if (kind === "voice") return { type: "voice", media: media.media, ...lasts, ...size };
  return { type: "file", media: media.media, name: media.name || name, ...size };
}

/** The message once all of it has gone up: what is shown first, then the words. Null while something is missing. */
export function whole(attachments: readonly Attachment[], words: readonly Segment[]): Segment[] | null {
  const done = attachments.filter((one): one is Attachment & { media: Media } => one.media !== undefined);
  if (done.length < attachments.length) return null;
  const reply = words.filter((segment) => segment.type === "reply");
  const rest = words.filter((segment) => segment.type !== "reply");
  return [...reply, ...done.map(segmentOf), ...rest];
}

/** Pictures go together into one message, nine at most; every other file is a message of its own. */
export function grouped(attachments: readonly Attachment[]): Attachment[][] {
  const pictures = attachments.filter(isPicture);
  const groups: Attachment[][] = [];
  for (let at = 0; at < pictures.length; at += PICTURES_MAX) groups.push(pictures.slice(at, at + PICTURES_MAX));
  return [...groups, ...attachments.filter((one) => !isPicture(one)).map((one) => [one])];
}

export interface Parcel {
  attachments: Attachment[];
  words: Segment[];
}

/**
 * The messages that files and words make together. Words go with the pictures; where there are only files, they follow
 * them, and what they reply to goes with the first.
 */
export function parcels(attachments: readonly Attachment[], words: readonly Segment[]): Parcel[] {
  const groups = grouped(attachments);
  const said = words.some((segment) => segment.type !== "reply") ? [...words] : [];
  if (groups.length === 0) return said.length === 0 ? [] : [{ attachments: [], words: said }];
  if (isPicture(groups[0]![0]!)) {
    return groups.map((group, index) => ({ attachments: group, words: index === 0 ? [...words] : [] }));
  }
  const reply = words.filter((segment) => segment.type === "reply");
  const files = groups.map((group, index) => ({ attachments: group, words: index === 0 ? reply : [] }));
  const rest = said.filter((segment) => segment.type !== "reply");
  return rest.length === 0 ? files : [...files, { attachments: [], words: rest }];
}

/** A length as a clock shows it: 0:07, 12:30. */
export function lengthWords(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export type FileKind = "archive" | "code" | "document" | "film" | "picture" | "sheet" | "sound" | "other";

const ENDINGS: [FileKind, string][] = [
  ["archive", "zip rar 7z tar gz tgz bz2 xz zst apk dmg iso jar"],
  ["code", "c cc cpp css go h html java js json kt md php py rb rs sh sql svelte swift toml ts vue xml yaml yml"],
  ["document", "doc docx epub odt pages pdf ppt pptx key rtf tex txt log"],
  ["film", "avi flv mkv mov mp4 webm wmv"],
  ["picture", "ai avif bmp gif heic jpeg jpg png psd raw svg tif tiff webp"],
  ["sheet", "csv numbers ods tsv xls xlsx"],
  ["sound", "aac aiff ape flac m4a mid mp3 oga ogg opus wav wma"],
];
const kinds = new Map(
  ENDINGS.flatMap(([kind, endings]) => endings.split(" ").map((ending) => [ending, kind] as const)),
);

/** What a file is by the ending of its name: for the drawing on its card, and for nothing else. */
export function fileKind(name: string): FileKind {
  return kinds.get(/\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "") ?? "other";
}
