/** Who I am on this device. */
import * as identity from "../wire/identity";
import { Problem, whenSignedOut } from "../wire/http";
import { signInByPasskey } from "../wire/passkeys";
import { signInOutside, type OutsideSignIn } from "../wire/outside";
import type { Me, Site } from "../wire/types";
import { forget, forgetEverything, forgetTalk, keepThing, keptThing } from "./shelf";

export type Standing = "unknown" | "out" | "in";

let standing = $state<Standing>("unknown");
let me = $state.raw<Me | null>(null);
let site = $state.raw<Site | null>(null);

export const session = {
  get standing(): Standing {
    return standing;
  },
  get me(): Me {
    if (me === null) throw new Error("Nobody is signed in here.");
    return me;
  },
  get site(): Site | null {
    return site;
  },
};

export function setMe(fresh: Me): void {
  me = fresh;
  standing = "in";
  void keepThing("me", fresh);
}

/** Takes the room for `fresh`: what another account left on this device is cleared away first. */
async function enter(fresh: Me): Promise<void> {
  const owner = await keptThing("owner");
  if (owner !== undefined && owner !== fresh.number) await forgetEverything();
  await keepThing("owner", fresh.number);
  setMe(fresh);
}

/**
 * The server no longer knows us. What could be read is forgotten; drafts and sends that wait are kept for
 * the same account, which may sign in again.
 */
export async function turnOut(): Promise<void> {
  standing = "out";
  me = null;
  await Promise.all([forget("things", "me"), forgetTalk()]);
}

/** Finds out who is signed in; with no network the one who was here last may read on. */
export async function startSession(): Promise<void> {
  whenSignedOut(() => void turnOut());
  const kept = (await keptThing("me")) as Me | undefined;
  if (kept !== undefined) {
    me = kept;
    standing = "in";
  }
  try {
    await enter(await identity.me());
  } catch (error) {
    if (error instanceof Problem && error.status === 401) await turnOut();
    else if (kept === undefined) standing = "out";
  }
}

export async function loadSite(): Promise<void> {
  site = await identity.site();
}

export async function signIn(form: { login: string; password: string; code?: string }): Promise<void> {
  const { account } = await identity.signIn(form);
  await enter(await identity.me().catch(() => account));
}

/** Throws `NoPasskey` where nothing came of it. */
export async function signInWithPasskey(): Promise<void> {
  const account = await signInByPasskey();
  await enter(await identity.me().catch(() => account));
}

/** With what one has come back with from a provider elsewhere. */
export async function signInFromOutside(form: OutsideSignIn): Promise<void> {
  const { account } = await signInOutside(form);
  await enter(await identity.me().catch(() => account));
}

/** Signs up, and in where the door is open. Answers with the number, and whether one has to wait. */
export async function signUp(form: identity.SignUp): Promise<{ number: number; waiting: boolean }> {
  const account = await identity.signUp(form);
  if (account.state === "waiting") return { number: account.number, waiting: true };
  await signIn({ login: String(account.number), password: form.password });
  return { number: account.number, waiting: false };
}

/** Lets somebody sign in once more, or as somebody else; what they were about to say is kept for them. */
export async function signInAgain(): Promise<void> {
  await identity.signOut().catch(() => undefined);
  await turnOut();
}

export async function signOut(): Promise<void> {
  try {
    await identity.signOut();
  } finally {
    standing = "out";
    me = null;
    await forgetEverything();
  }
}
