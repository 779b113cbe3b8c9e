/** A short word that passes by at the bottom. */
import { untrack } from "svelte";

export interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 4_000;
const TOASTS_MAX = 3;

let toasts = $state.raw<Toast[]>([]);
let made = 0;

export function shownToasts(): Toast[] {
  return toasts;
}

export function toast(text: string): void {
  const id = ++made;
  // An effect that tells something must not run again because of what it told.
  const before = untrack(() => toasts);
  toasts = [...before.slice(-(TOASTS_MAX - 1)), { id, text }];
  setTimeout(() => (toasts = toasts.filter((shown) => shown.id !== id)), SHOWN_MS);
}
