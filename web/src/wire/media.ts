/** Files: sent in pieces, gone on with after a break, fetched by those who may see the conversation. */
import { drop, get, guardHeaders, post, problem, Problem, Unreachable } from "./http";

export type Purpose = "message" | "file" | "avatar";
export type Variant = "original" | "large" | "small";

interface UploadView {
  upload: string;
  size_bytes: number;
  piece_bytes: number;
  pieces: number;
  received: number[];
  media: string | null;
}

export interface Media {
  media: string;
  kind: "image" | "voice" | "video" | "file" | string;
  type: string;
  size_bytes: number;
  name: string;
  width?: number;
  height?: number;
  duration_ms?: number;
}

export interface Progress {
  /** Known as soon as the server has given it: with it an upload goes on where it was cut. */
  upload: string;
  sent_bytes: number;
}

/** The file cannot be read any more: it was moved or changed since it was chosen. */
export class Unreadable extends Error {}

async function pieceOf(file: Blob, from: number, to: number): Promise<Blob> {
  try {
    return new Blob([await file.slice(from, to).arrayBuffer()]);
  } catch (error) {
    throw new Unreadable("the file cannot be read", { cause: error });
  }
}

/** A piece that takes longer is given up, and begun anew. */
const PIECE_TIMEOUT_MS = 120_000;

async function put(path: string, body: Blob, signal: AbortSignal): Promise<void> {
  const control = new AbortController();
  const stop = () => control.abort();
  const late = setTimeout(stop, PIECE_TIMEOUT_MS);
  signal.addEventListener("abort", stop);
  let answer: Response;
  try {
    signal.throwIfAborted();
    const headers = { "Content-Type": "application/octet-stream", ...guardHeaders() };
    answer = await fetch(path, { method: "PUT", headers, body, credentials: "same-origin", signal: control.signal });
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
  if (!answer.ok) throw await problem(answer);
}

/** An upload that was begun before, or a new one where that is over. */
async function begin(file: Blob, name: string, purpose: Purpose, before: string | null): Promise<UploadView> {
  if (before !== null) {
    try {
      return await get<UploadView>(`/media/uploads/${before}`);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
  }
  return post<UploadView>("/media/uploads", { name, size_bytes: file.size, purpose });
}

/**
 * Sends a file, piece after piece, and says what it has become. `before` is the upload of an earlier try. Throws what
 * the wire throws, and `Unreadable`; what has arrived stays there, for some hours.
 */
export async function upload(
  file: Blob,
  name: string,
  purpose: Purpose,
  {
    before = null,
    progress,
    signal,
  }: { before?: string | null; progress?: (now: Progress) => void; signal: AbortSignal },
): Promise<Media> {
  const view = await begin(file, name, purpose, before);
  const there = new Set(view.received);
  const tell = () =>
    progress?.({ upload: view.upload, sent_bytes: Math.min(file.size, there.size * view.piece_bytes) });
  tell();
  for (let n = 0; n < view.pieces; n += 1) {
    if (there.has(n)) continue;
    const piece = await pieceOf(file, n * view.piece_bytes, (n + 1) * view.piece_bytes);
    await put(`/api/v1/media/uploads/${view.upload}/pieces/${n}`, piece, signal);
    there.add(n);
    tell();
  }
  return post<Media>(`/media/uploads/${view.upload}/finish`);
}

/** Says that the rest of a file will not come. */
export const giveUp = (upload: string) => drop(`/media/uploads/${upload}`);

export function mediaAddress(chat: number, media: string, variant: Variant): string {
  return `/api/v1/chats/${chat}/media/${encodeURIComponent(media)}/${variant}`;
}

/** Where a file is to be saved from. */
export const saveAddress = (chat: number, media: string) => `${mediaAddress(chat, media, "original")}?download=true`;
