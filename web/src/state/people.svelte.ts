/** Names for numbers, as far as they are known; an unknown one is asked for once. */
import { SvelteMap } from "svelte/reactivity";
import { profile } from "../wire/identity";
import type { Person } from "../wire/types";
import { roomOf } from "./rooms.svelte";
import { session } from "./session.svelte";

const names = new SvelteMap<string, string>();
const asked = new Set<number>();

export function noteNames(chat: number, people: readonly Pick<Person, "number" | "name">[]): void {
  for (const { number, name } of people) names.set(`${chat} ${number}`, name);
}

async function learn(number: number): Promise<void> {
  try {
    names.set(`0 ${number}`, (await profile(number)).nickname);
  } catch {
    // The number stands for the name; it is asked for again in the next visit.
  }
}

/** What a person is called in a conversation. Until it is known, the number. */
export function nameIn(chat: number, number: number): string {
  const known = names.get(`${chat} ${number}`) ?? names.get(`0 ${number}`);
  if (known !== undefined) return known;
  const room = roomOf(chat);
  const spoke = room?.messages.findLast((message) => message.from.number === number);
  if (spoke !== undefined) return spoke.from.name;
  if (number === session.me.number) return session.me.nickname;
  if (!asked.has(number)) {
    asked.add(number);
    void learn(number);
  }
  return String(number);
}

export function forgetNames(): void {
  names.clear();
  asked.clear();
}
