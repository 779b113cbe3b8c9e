import { chat } from "./chat";
import { common } from "./common";
import { errors } from "./errors";
import { groups } from "./groups";
import { identity } from "./identity";
import { me } from "./me";
import { media } from "./media";

export const en = { ...common, ...identity, ...chat, ...groups, ...me, ...media, ...errors };
