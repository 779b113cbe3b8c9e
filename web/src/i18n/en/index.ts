import { apps } from "./apps";
import { bots } from "./bots";
import { chat } from "./chat";
import { common } from "./common";
import { consent } from "./consent";
import { directory } from "./directory";
import { errors } from "./errors";
import { groups } from "./groups";
import { identity } from "./identity";
import { me } from "./me";
import { media } from "./media";
import { methods } from "./methods";
import { mini } from "./mini";
import { notices } from "./notices";
import { outlets } from "./outlets";
import { outside } from "./outside";
import { publish } from "./publish";
import { tryout } from "./tryout";

export const en = {
  ...common,
  ...identity,
  ...chat,
  ...groups,
  ...apps,
  ...bots,
  ...methods,
  ...outlets,
  ...tryout,
  ...consent,
  ...outside,
  ...me,
  ...notices,
  ...media,
  ...mini,
  ...directory,
  ...publish,
  ...errors,
};
