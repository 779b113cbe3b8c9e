/** What the rows of a conversation may ask of the page they stand on. */
import { getContext, setContext } from "svelte";
import type { HeldMessage } from "../../state/timeline";
import type { Asked } from "./looking";

export interface Stage {
  chat: number;
  isDirect: boolean;
  jump(seq: number): void;
  choose(message: HeldMessage): void;
  reply(message: HeldMessage): void;
  look(asked: Asked): void;
}

const NAME = Symbol("stage");

export function setStage(stage: Stage): void {
  setContext(NAME, stage);
}

export function useStage(): Stage {
  return getContext<Stage>(NAME);
}
