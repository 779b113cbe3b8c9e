/** How many notices nobody here has read yet. */
import { notices } from "../wire/notices";

let unread = $state(0);

export const box = {
  get unread(): number {
    return unread;
  },
  hear(count: number): void {
    unread = count;
  },
  /** Asks the server, after a while without a connection in which more may have come. */
  async look(): Promise<void> {
    unread = (await notices(undefined, 1)).unread;
  },
};
