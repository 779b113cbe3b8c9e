/** Where pictures and sounds are: on the server, or still here where they were sent from. */
import { artAddress } from "../wire/directory";
import { mediaAddress, type Variant } from "../wire/media";

const REMEMBERED_MAX = 40;
const here = new Map<string, string>();

/** What was sent from here in this visit is shown from here: it does not flicker, and is not fetched again. */
export function remember(media: string, file: Blob): void {
  if (here.has(media)) return;
  here.set(media, URL.createObjectURL(file));
  const oldest = here.keys().next();
  if (here.size > REMEMBERED_MAX && !oldest.done) {
    URL.revokeObjectURL(here.get(oldest.value)!);
    here.delete(oldest.value);
  }
}

/** Where the picture of a person or a group is; nothing where there is none. */
export function pictureOf(media: string | null | undefined, size: "small" | "large" = "small"): string | null {
  if (media === null || media === undefined || media === "") return null;
  return here.get(media) ?? `/api/v1/avatars/${media}/${size}`;
}

export function addressOf(chat: number, media: string, variant: Variant): string {
  return here.get(media) ?? mediaAddress(chat, media, variant);
}

/** Where the icon or a screenshot of an app is; nothing where there is none. */
export function artOf(media: string | null, size: "small" | "large" = "small"): string | null {
  return media === null ? null : (here.get(media) ?? artAddress(media, size));
}

export function forgetPictures(): void {
  here.forEach((address) => URL.revokeObjectURL(address));
  here.clear();
}
