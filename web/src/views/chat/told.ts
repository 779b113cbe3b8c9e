/** A change of the chat, told as one line. */
import { language, t } from "../../i18n";
import { nameIn } from "../../state/people.svelte";
import { changedBy, whoseChange, type Change } from "../../wire/frames";

type Someone = { number: number; name?: string } | null;

/** Who did it, and to whom; "you" for the one who reads. */
export function told(change: Change, me: number): string {
  const line = lineOf(change, me);
  // Chinese sets a name off from what is said of it, but not 你.
  return language() === "zh-Hans" ? line.replace(/(^| )你( |$)/g, "你") : line;
}

function lineOf(change: Change, me: number): string {
  const say = (someone: Someone, you = t("line.you")) =>
    someone === null ? "" : someone.number === me ? you : (someone.name ?? nameIn(change.chat, someone.number));
  const actor = changedBy(change);
  const subject = whoseChange(change);
  const [by, who] = [say(actor), say(subject)];
  const byOther = actor !== null && actor.number !== subject?.number;
  switch (change.on) {
    case "joined":
      return byOther ? t("line.joined_by", { by, who: say(subject, t("line.you_too")) }) : t("line.joined", { who });
    case "left":
      return byOther ? t("line.removed", { by, who }) : t("line.left", { who });
    case "pinned":
      return t(change["pinned"] === false ? "line.unpinned" : "line.pinned", { by });
    case "role":
      return t(`line.${change["role"] as "owner" | "admin" | "member"}`, { who });
    case "muted":
      if (typeof change["all"] === "boolean") return t(change["all"] ? "line.muted_all" : "line.unmuted_all", { by });
      return t(change["until"] == null ? "line.unmuted" : "line.muted", { who });
    default: {
      const name = ((change["changed"] ?? change["group"]) as { name?: string } | undefined)?.name;
      return name === undefined ? t("line.settings", { by }) : t("line.named", { by, name });
    }
  }
}
