/** Takes files up to the server, one after the other, and tells how far each is. */
import { SvelteMap } from "svelte/reactivity";
import { giveUp, upload, type Media } from "../wire/media";
import { purposeOf, type Attachment } from "./attachments";
import { remember } from "./pictures";

const sent = new SvelteMap<string, number>();
const running = new Map<string, AbortController>();

/** From 0 to 1; null before it begins. */
export function partSent(attachment: Attachment): number | null {
  if (attachment.media !== undefined) return 1;
  const bytes = sent.get(attachment.id);
  return bytes === undefined || attachment.file.size === 0 ? null : bytes / attachment.file.size;
}

/** How much of several files is up, from 0 to 1; null before the first begins. */
export function wholeSent(attachments: readonly Attachment[]): number | null {
  const parts = attachments.map((one) => ({ size: one.file.size, part: partSent(one) }));
  if (parts.every(({ part }) => part === null)) return null;
  const total = parts.reduce((sum, { size }) => sum + size, 0);
  return total === 0 ? null : parts.reduce((sum, { size, part }) => sum + size * (part ?? 0), 0) / total;
}

/** Sends one file. `began` is told the name of the upload, to be kept for another try. */
export async function takeUp(attachment: Attachment, began: (upload: string) => void): Promise<Media> {
  const control = new AbortController();
  running.set(attachment.id, control);
  let known = attachment.upload;
  try {
    const media = await upload(attachment.file, attachment.name, purposeOf(attachment), {
      before: attachment.upload ?? null,
      signal: control.signal,
      progress: (now) => {
        sent.set(attachment.id, now.sent_bytes);
        if (now.upload !== known) began((known = now.upload));
      },
    });
    if (media.kind === "image" || media.kind === "voice") remember(media.media, attachment.file);
    sent.delete(attachment.id);
    return media;
  } finally {
    // What was cut stays shown as far as it came: the next try goes on from there.
    running.delete(attachment.id);
  }
}

/** Stops what is on its way, and tells the server that the rest will not come. */
export function stopTaking(attachments: readonly Attachment[]): void {
  for (const { id, upload: begun, media } of attachments) {
    running.get(id)?.abort();
    sent.delete(id);
    if (begun !== undefined && media === undefined) void giveUp(begun).catch(() => undefined);
  }
}

/** Leaves off for now; what has arrived stays there. */
export function pauseTaking(): void {
  running.forEach((control) => control.abort());
}
