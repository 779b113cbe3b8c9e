/** Where the reader's eye is in a scrolling list, and how to keep it there when the list changes above it. */

export interface Anchor {
  key: string;
  /** From the top edge of the scroller to the top of the row, in pixels. */
  top: number;
}

const ROW = "[data-key]";

export function fromBottom(scroller: HTMLElement): number {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
}

function rows(scroller: HTMLElement): HTMLElement[] {
  return [...scroller.querySelectorAll<HTMLElement>(ROW)];
}

/** The first row that can be seen. */
export function anchorOf(scroller: HTMLElement): Anchor | null {
  const edge = scroller.getBoundingClientRect().top;
  for (const row of rows(scroller)) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge) return { key: row.dataset["key"]!, top: top - edge };
  }
  return null;
}

/** Puts the row back where it was. False where it is there no more. */
export function restore(scroller: HTMLElement, anchor: Anchor): boolean {
  const row = rows(scroller).find((it) => it.dataset["key"] === anchor.key);
  if (row === undefined) return false;
  const top = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  if (Math.abs(top - anchor.top) >= 1) scroller.scrollTop += top - anchor.top;
  return true;
}

/** The number of the last message of which at least the beginning can be seen. */
export function lastSeen(scroller: HTMLElement): number | null {
  const edge = scroller.getBoundingClientRect().bottom;
  const seen = rows(scroller).findLast(
    (row) => row.dataset["seq"] !== undefined && row.getBoundingClientRect().top < edge - 12,
  );
  return seen === undefined ? null : Number(seen.dataset["seq"]);
}

export function toBottom(scroller: HTMLElement): void {
  scroller.scrollTop = scroller.scrollHeight;
}

/** Puts a row into the upper part of the view, with some of what stands before it. */
export function show(scroller: HTMLElement, row: Element, part: number): void {
  const top = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTop += top - scroller.clientHeight * part;
}

/** The arrows move the focus from message to message; below the last one stands the field to write in. */
export function walk(scroller: HTMLElement, press: KeyboardEvent): void {
  const by = press.key === "ArrowUp" ? -1 : press.key === "ArrowDown" ? 1 : 0;
  if (by === 0 || press.altKey || press.ctrlKey || press.metaKey) return;
  const messages = [...scroller.querySelectorAll<HTMLElement>("[data-seq]")];
  const here = messages.findIndex((row) => row.contains(document.activeElement));
  const next = here === -1 ? messages.at(-1) : messages[here + by];
  press.preventDefault();
  if (next !== undefined) {
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  } else if (by === 1) {
    document.getElementById("composer")?.focus();
  }
}
