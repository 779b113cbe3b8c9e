/** Files that were chosen for a conversation and are not sent yet. Kept for this visit. */
import { SvelteMap } from "svelte/reactivity";
import type { Attachment } from "./attachments";
import { attachmentOf } from "./pick";
import { session } from "./session.svelte";

export const CHOSEN_MAX = 36;

const chosen = new SvelteMap<number, readonly Attachment[]>();

export const chosenIn = (chat: number): readonly Attachment[] => chosen.get(chat) ?? [];

/** Files that were not taken, and why. */
export interface Left {
  tooLarge: File[];
  empty: File[];
  tooMany: boolean;
}

/** What the server takes at most, in bytes. */
export function largest(): number {
  return session.site?.limits["upload_bytes_max"] ?? 100 * 1024 * 1024;
}

/** Puts files with those that were chosen before; `plain` are to be sent as they are, pictures too. */
export async function choose(chat: number, files: readonly File[], plain = false): Promise<Left> {
  const most = largest();
  const tooLarge = files.filter((file) => file.size > most);
  const empty = files.filter((file) => file.size === 0);
  const fitting = files.filter((file) => file.size > 0 && file.size <= most);
  const room = CHOSEN_MAX - chosenIn(chat).length;
  for (const file of fitting.slice(0, Math.max(0, room))) {
    const attachment = await attachmentOf(file, plain);
    chosen.set(chat, [...chosenIn(chat), attachment]);
  }
  return { tooLarge, empty, tooMany: fitting.length > room };
}

export function leaveOut(chat: number, id: string): void {
  const rest = chosenIn(chat).filter((one) => one.id !== id);
  if (rest.length === 0) chosen.delete(chat);
  else chosen.set(chat, rest);
}

export function leaveOutAll(chat: number): void {
  chosen.delete(chat);
}

export function forgetChosen(): void {
  chosen.clear();
}
