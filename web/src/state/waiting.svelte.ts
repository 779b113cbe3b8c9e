/** Who waits to be let into the groups that I lead: how many there are, by group. */
import { SvelteMap } from "svelte/reactivity";
import { t } from "../i18n";
import type { Frame } from "../wire/frames";
import { requests } from "../wire/groups";
import { problems } from "./problems.svelte";
import { roomOf } from "./rooms.svelte";
import { session } from "./session.svelte";

const counts = new SvelteMap<number, number>();

export function waitingIn(chat: number): number {
  return counts.get(chat) ?? 0;
}

/** Counts those of a group once; from then on the server tells of everybody who asks. */
export async function countWaiting(chat: number): Promise<void> {
  if (counts.has(chat)) return;
  const { items } = await requests(chat);
  // A frame that came meanwhile knows better.
  if (!counts.has(chat)) counts.set(chat, items.length);
}

/** Somebody asks to join a group that I lead, or it was decided on somebody: on me, perhaps. */
export function heardOfRequest(frame: Frame): void {
  const chat = Number(frame.chat);
  if (typeof frame["waiting"] === "number") counts.set(chat, frame["waiting"]);
  const name = String(frame["chat_name"] ?? roomOf(chat)?.row.name ?? chat);
  if (frame.on === "requested") problems.note(t("requests.came", { who: String(frame["name"]), name }));
  else if (frame["number"] === session.me.number) problems.note(decision(frame, name));
}

function decision(frame: Frame, name: string): string {
  if (frame["accepted"] === true) return t("requests.in", { name });
  const reason = String(frame["reason"] ?? "");
  return reason === "" ? t("requests.refused", { name }) : t("requests.refused_with", { name, reason });
}

/** After a break nobody knows who came meanwhile. */
export function forgetWaiting(): void {
  counts.clear();
}
