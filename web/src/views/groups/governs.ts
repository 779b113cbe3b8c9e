/** Whether who has the role `mine` may remove or mute who has `theirs`. */
import type { Role } from "../../wire/types";

export function governs(mine: Role, theirs: Role): boolean {
  return mine === "owner" ? theirs !== "owner" : mine === "admin" && theirs === "member";
}
