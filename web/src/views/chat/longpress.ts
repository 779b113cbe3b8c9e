/** A press that lasts, by finger; or the other button of a mouse. */
const LASTS_MS = 450;
const MOVES_PX = 10;

/** The finger still has to be lifted: that must press nothing of what has opened under it. */
function swallowLift(): void {
  const swallow = (lift: Event) => lift.preventDefault();
  const stop = () => removeEventListener("touchend", swallow, true);
  addEventListener("touchend", swallow, { capture: true, passive: false, once: true });
  addEventListener("touchcancel", stop, { capture: true, once: true });
}

export function held(node: HTMLElement, act: () => void): { update(fresh: () => void): void; destroy(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  const stop = () => clearTimeout(timer);
  const down = (press: PointerEvent) => {
    if (press.pointerType !== "touch") return;
    from = { x: press.clientX, y: press.clientY };
    stop();
    timer = setTimeout(() => {
      swallowLift();
      act();
    }, LASTS_MS);
  };
  const move = (press: PointerEvent) => {
    if (Math.hypot(press.clientX - from.x, press.clientY - from.y) > MOVES_PX) stop();
  };
  const menu = (press: MouseEvent) => {
    // A link or chosen text keeps the menu of the browser.
    const chosen = getSelection()?.isCollapsed === false;
    if (chosen || (press.target as Element).closest("a") !== null) return;
    press.preventDefault();
    stop();
    act();
  };
  const listeners: [string, EventListener][] = [
    ["pointerdown", down as EventListener],
    ["pointermove", move as EventListener],
    ["pointerup", stop],
    ["pointercancel", stop],
    ["contextmenu", menu as EventListener],
  ];
  listeners.forEach(([name, hear]) => node.addEventListener(name, hear));
  return {
    update: (fresh) => (act = fresh),
    destroy: () => {
      stop();
      listeners.forEach(([name, hear]) => node.removeEventListener(name, hear));
    },
  };
}
