import { chat } from "./chat";
import { common } from "./common";
import { errors } from "./errors";
import { identity } from "./identity";

export const en = { ...common, ...identity, ...chat, ...errors };
