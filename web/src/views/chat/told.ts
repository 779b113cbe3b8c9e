/** A change of the chat, told as one line. */
import { t } from "../../i18n";
import { nameIn } from "../../state/people.svelte";
import type { Change } from "../../wire/frames";

/** Who did it, and to whom; "you" for the one who reads. */
export function told(change: Change, me: number): string {
  const say = (number: unknown, name?: unknown) =>
    number === me ? t("line.you") : typeof name === "string" ? name : nameIn(change.chat, Number(number));
  const who = say(change["number"], change["name"]);
  const by = say(change["by"]);
  switch (change.on) {
    case "joined":
      return change["invited_by"] == null
        ? t("line.joined", { who })
        : t("line.joined_by", { by: say(change["invited_by"]), who });
    case "left":
      return change["removed_by"] == null
        ? t("line.left", { who })
        : t("line.removed", { by: say(change["removed_by"]), who });
    case "pinned":
      return t(change["pinned"] === false ? "line.unpinned" : "line.pinned", { by });
    case "role":
      return t(`line.${change["role"] as "owner" | "admin" | "member"}`, { who });
    case "muted":
      if (typeof change["all"] === "boolean") return t(change["all"] ? "line.muted_all" : "line.unmuted_all", { by });
      return t(change["until"] == null ? "line.unmuted" : "line.muted", { who });
    default: {
      const name = (change["group"] as { name?: string } | undefined)?.name;
      return name === undefined ? t("line.settings", { by }) : t("line.named", { by, name });
    }
  }
}
