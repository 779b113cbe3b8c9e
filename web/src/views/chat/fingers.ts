/** Fingers on a picture: moved, pinched, tapped twice; and the wheel of a mouse. */
import { apart, CLOSER, pinched, settled, swiped, WHOLE, zoomed, type Area, type Point, type View } from "./zoom";

const TWICE_MS = 300;
const STILL_PX = 10;

export interface Asked {
  /** The picture as it stands on the page when it is whole, and the page. */
  areas(): { picture: Area; page: Area };
  view(): View;
  /** `easing`: the fingers have let go, and the picture finds its place by itself. */
  show(view: View, easing: boolean): void;
  turn(by: -1 | 1): void;
  close(): void;
}

type Hears = [keyof HTMLElementEventMap, (event: never) => void];

class Fingers {
  private readonly down = new Map<number, Point>();
  private began: Point = { x: 0, y: 0 };
  private tapped: { at: number; point: Point } | null = null;
  private moved = false;
  readonly hears: Hears[] = [
    ["pointerdown", (event: PointerEvent) => this.press(event)],
    ["pointermove", (event: PointerEvent) => this.drag(event)],
    ["pointerup", (event: PointerEvent) => this.lift(event)],
    ["pointercancel", (event: PointerEvent) => this.lift(event)],
    ["wheel", (event: WheelEvent) => this.roll(event)],
  ];

  constructor(
    private readonly node: HTMLElement,
    private readonly asked: Asked,
  ) {}

  private pointOf(event: MouseEvent): Point {
    const box = this.node.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }

  private rest(view: View): void {
    const { picture, page } = this.asked.areas();
    this.asked.show(settled(view, picture, page), true);
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (event.isPrimary) this.down.clear();
    if (this.down.size === 2) return;
    this.node.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, this.pointOf(event));
    this.moved = this.down.size > 1;
    this.began = this.pointOf(event);
  }

  private drag(event: PointerEvent): void {
    const before = this.down.get(event.pointerId);
    if (before === undefined) return;
    const now = this.pointOf(event);
    const other = [...this.down].find(([id]) => id !== event.pointerId)?.[1];
    this.down.set(event.pointerId, now);
    if (apart(this.began, now) > STILL_PX) this.moved = true;
    const view = this.asked.view();
    if (other !== undefined) return this.asked.show(pinched(view, before, now, other), false);
    if (this.moved) this.asked.show({ ...view, x: view.x + now.x - before.x, y: view.y + now.y - before.y }, false);
  }

  private tap(point: Point): void {
    const now = performance.now();
    const { tapped } = this;
    this.tapped = { at: now, point };
    if (tapped === null || now - tapped.at > TWICE_MS || apart(tapped.point, point) > 3 * STILL_PX) return;
    this.tapped = null;
    const view = this.asked.view();
    this.rest(view.scale > 1 ? WHOLE : zoomed(view, CLOSER, point));
  }

  private lift(event: PointerEvent): void {
    if (!this.down.delete(event.pointerId) || this.down.size > 0) return;
    if (!this.moved) return this.tap(this.pointOf(event));
    const view = this.asked.view();
    const wanted = view.scale > 1 || event.type === "pointercancel" ? 0 : swiped(view);
    if (wanted === "close") return this.asked.close();
    this.rest(view);
    if (wanted !== 0) this.asked.turn(wanted);
  }

  private roll(event: WheelEvent): void {
    event.preventDefault();
    const view = this.asked.view();
    this.rest(zoomed(view, view.scale * Math.exp(-event.deltaY / 300), this.pointOf(event)));
  }
}

export function fingers(node: HTMLElement, asked: Asked): { destroy(): void } {
  const { hears } = new Fingers(node, asked);
  hears.forEach(([name, hear]) => node.addEventListener(name, hear as EventListener, { passive: false }));
  return {
    destroy: () => hears.forEach(([name, hear]) => node.removeEventListener(name, hear as EventListener)),
  };
}
