/** What one does with a message. The server's frame shows the outcome; a refusal is told. */
import * as wire from "../wire/chats";
import { problems } from "./problems.svelte";

async function tried(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    problems.tell(error);
    return false;
  }
}

export const reactTo = (chat: number, seq: number, emoji: string, added: boolean) =>
  tried(() => (added ? wire.react(chat, seq, emoji) : wire.unreact(chat, seq, emoji)));
export const recall = (chat: number, seq: number) => tried(() => wire.recall(chat, seq));
export const pin = (chat: number, seq: number, pinned: boolean) =>
  tried(() => (pinned ? wire.pin(chat, seq) : wire.unpin(chat, seq)));
