/** What is being written, per conversation; it is there again after the browser was closed. */
import { SvelteMap } from "svelte/reactivity";
import type { Mention } from "./segments";
import { forget, keep, kept, keptKeys } from "./shelf";

export interface Draft {
  text: string;
  mentions: Mention[];
  reply: number | null;
}

const KEEP_AFTER_MS = 400;

const drafts = new SvelteMap<number, Draft>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

export const emptyDraft = (): Draft => ({ text: "", mentions: [], reply: null });

export function draftOf(chat: number): Draft {
  return drafts.get(chat) ?? emptyDraft();
}

export function setDraft(chat: number, draft: Draft): void {
  const nothing = draft.text === "" && draft.reply === null;
  if (nothing) drafts.delete(chat);
  else drafts.set(chat, draft);
  clearTimeout(timers.get(chat));
  const write = () => void (nothing ? forget("drafts", chat) : keep("drafts", chat, $state.snapshot(draft)));
  timers.set(chat, setTimeout(write, KEEP_AFTER_MS));
}

export async function loadDrafts(): Promise<void> {
  for (const key of await keptKeys("drafts")) {
    const draft = (await kept("drafts", key)) as Draft | undefined;
    if (draft !== undefined && !drafts.has(Number(key))) drafts.set(Number(key), draft);
  }
}

export function forgetDrafts(): void {
  timers.forEach((timer) => clearTimeout(timer));
  timers.clear();
  drafts.clear();
}
