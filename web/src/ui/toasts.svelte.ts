/** A short word that passes by at the bottom. */
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
  toasts = [...toasts.slice(-(TOASTS_MAX - 1)), { id, text }];
  setTimeout(() => (toasts = toasts.filter((shown) => shown.id !== id)), SHOWN_MS);
}
