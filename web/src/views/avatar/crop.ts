/** Which square of a picture becomes an avatar. Pure. */
import type { Area, View } from "../chat/zoom";

export interface Square {
  left: number;
  top: number;
  size: number;
}

/** How large a picture stands in a square window that it just covers. */
export function covering(picture: Area, window_px: number): Area {
  const scale = window_px / Math.min(picture.width, picture.height);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** The square that the window shows, in pixels of the picture; always within it. */
export function squareOf(picture: Area, window_px: number, view: View): Square {
  const scale = (covering(picture, window_px).width / picture.width) * view.scale;
  const size = Math.min(window_px / scale, picture.width, picture.height);
  const within = (at: number, room: number) => Math.min(room - size, Math.max(0, at));
  return {
    left: within(picture.width / 2 - view.x / scale - size / 2, picture.width),
    top: within(picture.height / 2 - view.y / scale - size / 2, picture.height),
    size,
  };
}
