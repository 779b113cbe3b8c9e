/** How near one looks at a picture, and at which part of it. Pure; points are measured from the middle of the page. */
export interface Point {
  x: number;
  y: number;
}

export interface Area {
  width: number;
  height: number;
}

/** Enlarged by `scale`, and moved. */
export interface View extends Point {
  scale: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const CLOSEST = 6;
export const CLOSER = 2.5;

const between = (one: Point, other: Point): Point => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 });
export const apart = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y);

/** Nearer or farther, with what is under the point staying there. */
export function zoomed(view: View, scale: number, point: Point): View {
  const to = Math.min(CLOSEST, Math.max(1, scale));
  const grows = to / view.scale;
  return { scale: to, x: point.x - (point.x - view.x) * grows, y: point.y - (point.y - view.y) * grows };
}

/** One of two fingers moved: nearer or farther as they part, and along with their middle. */
export function pinched(view: View, before: Point, now: Point, other: Point): View {
  const [from, to] = [between(before, other), between(now, other)];
  const nearer = zoomed(view, (view.scale * apart(now, other)) / Math.max(1, apart(before, other)), from);
  return { ...nearer, x: nearer.x + to.x - from.x, y: nearer.y + to.y - from.y };
}

/** Moved back so that no edge of the picture comes in farther than it must; a whole one stands in the middle. */
export function settled(view: View, picture: Area, page: Area): View {
  const edge = (size: number, room: number) => Math.max(0, (size * view.scale - room) / 2);
  const held = (at: number, most: number) => Math.min(most, Math.max(-most, at)) || 0;
  return {
    scale: view.scale,
    x: held(view.x, edge(picture.width, page.width)),
    y: held(view.y, edge(picture.height, page.height)),
  };
}

const SWIPE_PX = 56;
const DOWN_PX = 96;

/** What a finger wanted that moved a whole picture: the one before (-1) or after (1), to close it, or nothing. */
export function swiped({ x, y }: Point): -1 | 0 | 1 | "close" {
  if (Math.abs(x) > Math.abs(y)) return Math.abs(x) < SWIPE_PX ? 0 : x > 0 ? -1 : 1;
  return y > DOWN_PX ? "close" : 0;
}
