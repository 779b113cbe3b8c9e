/** What the reader chose for this device: language and appearance. Kept in the browser, known before the first picture. */
import { MediaQuery } from "svelte/reactivity";
import { preferred, speak, type Language } from "../i18n";

export type Theme = "system" | "light" | "dark";

const KEPT_AS = "hutong.tastes";

let theme = $state<Theme>("system");

function read(): { theme?: Theme; language?: Language } {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as { theme?: Theme; language?: Language };
  } catch {
    return {};
  }
}

function keep(change: { theme?: Theme; language?: Language }): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify({ ...read(), ...change }));
  } catch {
    // A browser that keeps nothing still shows the choice until it is closed.
  }
}

export const tastes = {
  get theme(): Theme {
    return theme;
  },
};

const dark = new MediaQuery("(prefers-color-scheme: dark)");

/** What the choice comes to on this device. */
export function shownTheme(): "light" | "dark" {
  if (theme !== "system") return theme;
  return dark.current ? "dark" : "light";
}

export function chooseTheme(wanted: Theme): void {
  theme = wanted;
  if (wanted === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = wanted;
  keep({ theme: wanted });
}

export function chooseLanguage(wanted: Language): void {
  speak(wanted);
  keep({ language: wanted });
}

export function startTastes(): void {
  const kept = read();
  speak(kept.language ?? preferred(navigator.languages));
  if (kept.theme !== undefined) chooseTheme(kept.theme);
}
