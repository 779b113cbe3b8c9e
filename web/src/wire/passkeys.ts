/** Passkeys, by what browsers bring for them. */
import { drop, get, post } from "./http";
import type { Me, Page } from "./types";

export interface Passkey {
  id: number;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** Whether this browser can make and use passkeys, and speaks of them in JSON. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

/** Nothing came of it: the person turned away, or the device has none that fits. */
export class NoPasskey extends Error {}

async function asked(ask: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = (await ask()) as PublicKeyCredential | null;
    if (credential !== null) return credential.toJSON();
  } catch (error) {
    throw new NoPasskey("no passkey", { cause: error });
  }
  throw new NoPasskey("no passkey");
}

export const passkeys = () => get<Page<Passkey>>("/passkeys");
export const dropPasskey = (id: number) => drop(`/passkeys/${id}`);

export async function addPasskey(name: string, password: string): Promise<Passkey> {
  const options = await post<PublicKeyCredentialCreationOptionsJSON>("/passkeys/challenge", { password });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await asked(() => navigator.credentials.create({ publicKey }));
  return post<Passkey>("/passkeys", { name, credential });
}

export async function signInByPasskey(): Promise<Me> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>("/sessions/passkey/challenge");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await asked(() => navigator.credentials.get({ publicKey }));
  return (await post<{ account: Me }>("/sessions/passkey", { credential })).account;
}
