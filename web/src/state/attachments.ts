/** Files on their way into a message. Pure. */
import type { Segment } from "../wire/types";
import type { Media } from "../wire/media";

export interface Attachment {
  id: string;
  name: string;
  type: string;
  file: Blob;
  /** Of a picture, measured here, so that its place is kept while it goes up. */
  width?: number;
  height?: number;
  /** The upload that was begun for it, and what it has become. */
  upload?: string;
  media?: Media;
}

export const PICTURES_MAX = 9;

/** Kinds that every browser shows; anything else is sent as a file. */
const SHOWN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);

export const isPicture = ({ type }: Pick<Attachment, "type">) => SHOWN.has(type);

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

/** A size as people read it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
