/** A form that was refused leads to what is wrong in it, which may stand far above the button. */
import { tick } from "svelte";

export async function showWrong(submit: SubmitEvent): Promise<void> {
  const form = submit.target as HTMLFormElement;
  await tick();
  form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}
