/** How large pictures stand in a conversation, before they have come. Pure. */
export const WIDEST_PX = 260;
export const HIGHEST_PX = 320;
export const NARROWEST_PX = 96;

export interface Frame {
  width: number;
  height: number;
}

/**
 * The place of one picture: as large as it is, within bounds, never so narrow that one cannot press it. What sticks out
 * of a very long or wide one is cut off.
 */
export function frameOf(width: number | undefined, height: number | undefined): Frame {
  const [w, h] = width && height ? [width, height] : [WIDEST_PX, (WIDEST_PX * 3) / 4];
  const scale = Math.min(WIDEST_PX / w, HIGHEST_PX / h, 1);
  const within = (px: number, most: number) => Math.round(Math.min(most, Math.max(NARROWEST_PX, px * scale)));
  return { width: within(w, WIDEST_PX), height: within(h, HIGHEST_PX) };
}

/** The place of a film: wide enough for its buttons, and in its own shape. */
export function filmFrame(width: number | undefined, height: number | undefined): Frame {
  const [w, h] = width && height ? [width, height] : [16, 9];
  const scale = Math.min(WIDEST_PX / w, HIGHEST_PX / h);
  return { width: Math.round(w * scale), height: Math.round(h * scale) };
}

/** How many columns a number of pictures stands in. */
export const columnsFor = (count: number): number => (count <= 1 ? 1 : count === 2 || count === 4 ? 2 : 3);
