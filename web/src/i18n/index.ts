export { amount, lasting, size } from "./amounts";
export { brief, clock, date, day, full } from "./times";
export { language, preferred, refusal, speak, t, type Key, type Language, type Params } from "./words.svelte";
