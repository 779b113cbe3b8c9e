/** What comes in while the conversation is open: said to a screen reader, and marked off for who looked away. */
import { nameIn } from "../../state/people.svelte";
import { askReaders } from "../../state/readers.svelte";
import type { Room } from "../../state/room";
import { gist } from "../../state/segments";
import { session } from "../../state/session.svelte";

export const attentive = () => document.visibilityState === "visible" && document.hasFocus();

export class Ear {
  /** The last that somebody else said, in one line. */
  spoken = $state("");
  /** The line before the unread stands after this message. */
  unreadAfter = $state<number | null>(null);
  private lastHeard: number;

  constructor(room: Room | undefined) {
    this.lastHeard = room?.row.last_seq ?? 0;
    if (room !== undefined && room.row.unread > 0) this.unreadAfter = room.row.read_seq;
  }

  hear({ row, messages }: Room): void {
    const last = row.last_message;
    const me = session.me.number;
    askReaders(
      row.chat,
      messages
        .slice(-100)
        .filter((message) => message.from.number === me && !message.recalled)
        .map(({ seq }) => seq),
    );
    if (last == null || last.seq <= this.lastHeard) return;
    if (!attentive() && this.unreadAfter === null) this.unreadAfter = this.lastHeard;
    if (last.from.number !== me) {
      this.spoken = `${last.from.name}: ${gist(last.segments, (number) => nameIn(row.chat, number))}`;
    }
    this.lastHeard = last.seq;
  }
}
