/** Pictures to look at, one after the other. */
import type { Room } from "../../state/room";
import type { Segment } from "../../wire/types";

export interface Look {
  media: string;
  width?: number | undefined;
  height?: number | undefined;
  from: string;
  at: string;
}

/** What was pressed: pictures that stand together, and which of them. `seq`: they are those of a message. */
export interface Asked {
  from: string;
  at: string;
  pictures: readonly Segment[];
  index: number;
  seq?: number | undefined;
}

function looks(pictures: readonly Segment[], from: string, at: string): Look[] {
  return pictures.map(({ media = "", width, height }) => ({ media, width, height, from, at }));
}

/** From a message one looks on to the pictures of those around it; from elsewhere only to what stands together. */
export function gallery(room: Room | undefined, asked: Asked): { looks: Look[]; at: number } {
  const alone = { looks: looks(asked.pictures, asked.from, asked.at), at: asked.index };
  if (asked.seq === undefined || room === undefined) return alone;
  const all: Look[] = [];
  let at = -1;
  for (const message of room.messages) {
    if (message.recalled === true) continue;
    if (message.seq === asked.seq) at = all.length + asked.index;
    const pictures = message.segments.filter(({ type }) => type === "image");
    all.push(...looks(pictures, message.from.name, message.at));
  }
  return at < 0 ? alone : { looks: all, at };
}
