/** The stretch of a conversation on the screen, and the pages that it asks for as one scrolls. */
import { loadAfter, loadAround, loadBefore, loadNewest } from "../../state/history";
import type { Room } from "../../state/room";
import { roomOf } from "../../state/rooms.svelte";
import { find, runAround } from "../../state/timeline";
import { around, following, newer, older, shown, type Shown, type Stretch } from "../../state/view";

const TAIL_WAIT_MS = 600;
const TAIL_MAX = 100;
const AGAIN_MS = 3_000;

export class Reader {
  stretch = $state.raw<Stretch>({ low: 1, high: null });
  loading = $state<"older" | "newer" | null>(null);
  private restingUntil = 0;
  private waitingForTail = false;

  constructor(readonly chat: number) {
    const room = this.room;
    if (room !== undefined) this.stretch = following(room.messages);
  }

  get room(): Room | undefined {
    return roomOf(this.chat);
  }

  get shown(): Shown {
    const { room } = this;
    return room === undefined ? { messages: [], atEnd: true } : shown(room.messages, this.stretch, room.row.last_seq);
  }

  /** All there is before what is shown has been shown. */
  get atStart(): boolean {
    const first = this.shown.messages[0]?.seq;
    return first === undefined || first === 1 || first === this.room?.start;
  }

  private async load(which: "older" | "newer", ask: () => Promise<unknown>): Promise<boolean> {
    if (this.loading !== null || Date.now() < this.restingUntil) return false;
    this.loading = which;
    try {
      await ask();
      return true;
    } catch {
      this.restingUntil = Date.now() + AGAIN_MS;
      return false;
    } finally {
      this.loading = null;
    }
  }

  async goOlder(): Promise<void> {
    const first = this.shown.messages[0];
    const { room } = this;
    if (first === undefined || room === undefined || this.atStart) return;
    const held = runAround(room.messages, first.seq)!;
    const reached = room.messages[held.begin]!.seq === first.seq;
    if (reached && !(await this.load("older", () => loadBefore(this.chat, first.seq)))) return;
    this.stretch = older(this.room?.messages ?? [], this.stretch);
  }

  async goNewer(): Promise<void> {
    const last = this.shown.messages.at(-1);
    const { room } = this;
    if (last === undefined || room === undefined || this.shown.atEnd) return;
    const held = runAround(room.messages, last.seq)!;
    const reached = room.messages[held.end - 1]!.seq === last.seq;
    if (reached && !(await this.load("newer", () => loadAfter(this.chat, last.seq)))) return;
    this.stretch = newer(this.room?.messages ?? [], this.stretch, this.room?.row.last_seq ?? 0);
  }

  /** Goes to one message; false where it is not there. */
  async goTo(seq: number): Promise<boolean> {
    const held = this.room === undefined ? undefined : find(this.room.messages, seq);
    if (held === undefined && !(await loadAround(this.chat, seq).catch(() => false))) return false;
    if (this.room !== undefined && !this.shown.messages.some((message) => message.seq === seq))
      this.stretch = around(seq);
    return true;
  }

  /** Goes to the newest, reading it anew where it is not held. */
  async goNewest(): Promise<void> {
    const { room } = this;
    if (room !== undefined && (room.messages.at(-1)?.seq ?? 0) < room.row.last_seq) {
      await loadNewest(this.chat).catch(() => undefined);
    }
    this.stretch = following(this.room?.messages ?? []);
  }

  /** The newest are followed but not all held: what is missing is on its way, or is asked for. */
  mendTail(): void {
    if (this.waitingForTail || this.stretch.high !== null || this.shown.atEnd) return;
    this.waitingForTail = true;
    setTimeout(() => {
      this.waitingForTail = false;
      const { room } = this;
      if (room === undefined || this.shown.atEnd) return;
      const last = room.messages.at(-1)?.seq ?? 0;
      const missing = room.row.last_seq - last;
      void (missing <= TAIL_MAX && missing > 0 ? loadAfter(this.chat, last) : loadNewest(this.chat)).catch(
        () => undefined,
      );
    }, TAIL_WAIT_MS);
  }
}
