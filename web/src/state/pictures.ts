/** Where the picture of a person or a group is; nothing where there is none. */
export function pictureOf(media: string | number | null | undefined, size: "small" | "large" = "small"): string | null {
  return media === null || media === undefined || media === "" ? null : `/api/v1/avatars/${media}/${size}`;
}
