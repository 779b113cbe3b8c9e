/** What methods that bots call are called in words; one that has no words here keeps its own name. */
import { t, type Key } from "../../i18n";
import { methods } from "../../i18n/zh/methods";

export function methodName(method: string): string {
  const key = `method.${method}`;
  return key in methods ? t(key as Key) : method;
}
