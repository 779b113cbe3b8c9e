/** Puts a text on the clipboard. Without leave for that it stands on the page, to be chosen by hand. */
import { t } from "../i18n";
import { toast } from "./toasts.svelte";

export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("do.copied"));
  } catch {
    toast(t("do.copy.refused"));
  }
}
