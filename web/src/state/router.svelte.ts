/** Where in the house one stands: a path, read and written in one place. */
import { miniPlace } from "./mini";
import { isDoor, onwardTo } from "./onward";

let path = $state(location.pathname);
let search = $state(location.search);
let inside = $state(0);

function read(): void {
  path = location.pathname;
  search = location.search;
  inside = (history.state as { inside?: number } | null)?.inside ?? 0;
}

export const place = {
  get path(): string {
    return path;
  },
  /** The path with what is asked of it. */
  get whole(): string {
    return path + search;
  },
  get outside(): boolean {
    return isDoor(path);
  },
  /** Where one goes on to once one is in. */
  get onward(): string {
    return onwardTo(new URLSearchParams(search).get("next"), location.origin);
  },
  get parts(): string[] {
    return path.split("/").filter(Boolean);
  },
  /** One value of the part after the question mark. */
  asked(name: string): string | null {
    return new URLSearchParams(search).get(name);
  },
};

export function go(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"]({ inside: inside + (replace ? 0 : 1) }, "", to);
  read();
}

/** Back to where one came from, or to `fallback` where one came from outside. */
export function back(fallback: string): void {
  if (inside > 0) history.back();
  else go(fallback, { replace: true });
}

/** A link to a mini app opens it beside the conversation that one is in, whichever it was made for. */
function miniHere(link: HTMLAnchorElement): string | null {
  const chat = /^\/chats\/(\d{1,15})(?:\/|$)/.exec(location.pathname);
  return chat === null ? null : miniPlace(link, Number(chat[1]));
}

/** Takes over the clicks on our own links, and follows the browser's buttons. Answers with what undoes it. */
export function watchPlaces(): () => void {
  const click = (press: MouseEvent) => {
    if (press.defaultPrevented || press.button !== 0 || press.metaKey || press.ctrlKey || press.shiftKey) return;
    const link = (press.target as Element | null)?.closest("a");
    if (!link || link.origin !== location.origin || link.hasAttribute("download")) return;
    const mini = miniHere(link);
    if (mini === null && link.target !== "") return;
    if (link.pathname.startsWith("/api/")) return;
    press.preventDefault();
    go(mini ?? link.pathname + link.search);
  };
  document.addEventListener("click", click);
  addEventListener("popstate", read);
  return () => {
    document.removeEventListener("click", click);
    removeEventListener("popstate", read);
  };
}
