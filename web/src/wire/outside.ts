/** Accounts elsewhere by which one comes in here. */
import { drop, get, post } from "./http";
import type { Me, WayIn } from "./types";

export interface OutsideAccount {
  provider: string;
  name: string;
  label: string;
  linked_at: string;
}

export interface OutsideWays {
  items: OutsideAccount[];
  more: WayIn[];
}

/** What one has come back with, and what else is asked. */
export interface OutsideSignIn {
  provider: string;
  ticket: string;
  code?: string;
  invitation?: string;
}

/** Where the browser goes to; it comes back to `/outside`, and goes on to `onward` from there. */
export const beginOutside = (provider: string, onward: string) =>
  post<{ to: string }>(`/sessions/outside/${provider}`, { onward });
export const signInOutside = (form: OutsideSignIn) => post<{ account: Me }>("/sessions/outside", form);
export const outsideWays = () => get<OutsideWays>("/accounts/me/outside");
export const linkOutside = (provider: string, ticket: string) =>
  post<void>("/accounts/me/outside", { provider, ticket });
export const unlinkOutside = (provider: string) => drop(`/accounts/me/outside/${provider}`);
