/** Takes files up to the server, one after the other, and tells how far each is. */
import { SvelteMap } from "svelte/reactivity";
import { upload, type Media } from "../wire/media";
import type { Attachment } from "./attachments";

const sent = new SvelteMap<string, number>();
const running = new Map<string, AbortController>();

/** From 0 to 1; null before it begins. */
export function partSent(attachment: Attachment): number | null {
  if (attachment.media !== undefined) return 1;
  const bytes = sent.get(attachment.id);
  return bytes === undefined || attachment.file.size === 0 ? null : bytes / attachment.file.size;
}

/** Sends one file. `began` is told the name of the upload, to be kept for another try. */
export async function takeUp(attachment: Attachment, began: (upload: string) => void): Promise<Media> {
  const control = new AbortController();
  running.set(attachment.id, control);
  const purpose = attachment.type.startsWith("image/") || attachment.type.startsWith("video/") ? "message" : "file";
  try {
    return await upload(attachment.file, attachment.name, purpose, {
      before: attachment.upload ?? null,
      signal: control.signal,
      progress: (now) => {
        sent.set(attachment.id, now.sent_bytes);
        if (now.upload !== attachment.upload) began(now.upload);
      },
    });
  } finally {
    running.delete(attachment.id);
    sent.delete(attachment.id);
  }
}

export function stopTaking(ids: readonly string[]): void {
  for (const id of ids) running.get(id)?.abort();
}
