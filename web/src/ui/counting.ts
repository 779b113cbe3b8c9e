/** How long a text is, as the server counts. Pure. */
const NEAR = 10;

/** Characters, not halves of them, and not the spaces around them. */
export function charsOf(text: string): number {
  return [...text.normalize("NFC").trim()].length;
}

/** Whether it is time to tell how much room is left. */
export function isNear(chars: number, longest: number): boolean {
  return longest - chars <= Math.max(NEAR, longest / 10);
}
