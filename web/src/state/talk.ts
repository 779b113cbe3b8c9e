/** Opens and closes everything that talking needs, in order. */
import { forgetChosen } from "./chosen.svelte";
import { forgetCommands } from "./commands.svelte";
import { startConnection, stopConnection } from "./connection.svelte";
import { forgetDrafts, loadDrafts } from "./drafts.svelte";
import { loadRows } from "./history";
import { forgetNames } from "./people.svelte";
import { forgetPictures } from "./pictures";
import { forgetPresses } from "./presses.svelte";
import { forgetReaders } from "./readers.svelte";
import { emptyRooms, loadKeptRooms } from "./rooms.svelte";
import { forgetTokens } from "./tokens";
import { forgetWaiting } from "./waiting.svelte";
import { startSending, stopSending } from "./sending.svelte";

export async function startTalking(): Promise<void> {
  await Promise.all([loadKeptRooms(), loadDrafts(), startSending()]);
  startConnection();
  loadRows().catch(() => undefined);
}

export function stopTalking(): void {
  stopConnection();
  stopSending();
  emptyRooms();
  forgetDrafts();
  forgetChosen();
  forgetPictures();
  forgetTokens();
  forgetNames();
  forgetReaders();
  forgetPresses();
  forgetCommands();
  forgetWaiting();
}
