/** Plays what people said, one voice at a time. */
interface Playing {
  media: string;
  going: boolean;
  at_ms: number;
  /** As long as the sound says it is; 0 while it is not known. */
  length_ms: number;
}

let now = $state.raw<Playing | null>(null);
let sound: HTMLAudioElement | null = null;

export const playing = (media: string): Playing | null => (now?.media === media ? now : null);

function note(media: string, made: HTMLAudioElement): void {
  if (made !== sound) return;
  const length = Number.isFinite(made.duration) ? made.duration * 1000 : 0;
  now = { media, going: !made.paused, at_ms: made.ended ? 0 : made.currentTime * 1000, length_ms: length };
}

/** Begins, goes on, or pauses. `failed` is called where this device cannot play it. */
export function toggle(media: string, address: string, failed: () => void): void {
  if (now?.media === media && sound !== null) {
    if (sound.paused) void sound.play().catch(failed);
    else sound.pause();
    return;
  }
  sound?.pause();
  const made = new Audio(address);
  sound = made;
  now = { media, going: true, at_ms: 0, length_ms: 0 };
  for (const name of ["play", "pause", "timeupdate", "durationchange", "ended"])
    made.addEventListener(name, () => note(media, made));
  made.play().catch(() => {
    if (made !== sound) return;
    now = null;
    sound = null;
    failed();
  });
}

export function goTo(media: string, at_ms: number): void {
  if (now?.media === media && sound !== null) sound.currentTime = at_ms / 1000;
}

/** Who leaves the conversation hears no more of it. */
export function hush(): void {
  sound?.pause();
  sound = null;
  now = null;
}
