/** A form that was refused leads to what is wrong in it, which may stand far above the button. */
import { tick } from "svelte";

/** Answers whether anything is wrong. */
export async function showWrong(submit: SubmitEvent): Promise<boolean> {
  const form = submit.target as HTMLFormElement;
  await tick();
  const wrong = form.querySelector<HTMLElement>("[aria-invalid=true]");
  wrong?.closest("details")?.setAttribute("open", "");
  wrong?.focus();
  return wrong !== null;
}
