/** Accounts, sessions and devices. */
import { drop, get, patch, post, put } from "./http";
import type { Device, Me, Page, Profile, Site } from "./types";

export interface SignUp {
  nickname: string;
  password: string;
  handle?: string;
  email?: string;
  invitation?: string;
  reason?: string;
}

export const site = () => get<Site>("/site");
export const me = () => get<Me>("/accounts/me");
export const signUp = (form: SignUp) => post<Me>("/accounts", form);
export const signIn = (form: { login: string; password: string; code?: string }) =>
  post<{ token: string; account: Me }>("/sessions", form);
export const signOut = () => drop("/sessions/current");
export const devices = () => get<Page<Device>>("/sessions");
export const signOutDevice = (id: string | number) => drop(`/sessions/${id}`);
export const signOutOthers = () => drop("/sessions/others");
export const change = (fields: Partial<Me>) => patch<Me>("/accounts/me", fields);
export const claimHandle = (handle: string) => put<unknown>("/accounts/me/handle", { handle });
export const changePassword = (old: string, fresh: string) => put("/accounts/me/password", { old, new: fresh });
export const profile = (number: number) => get<Profile>(`/accounts/${number}`);
export const prepareSecondFactor = (password: string) =>
  post<{ secret: string; uri: string; qr_svg: string }>("/accounts/me/second-factor", { password });
export const confirmSecondFactor = (code: string) =>
  put<{ recovery_codes: string[] }>("/accounts/me/second-factor", { code });
export const dropSecondFactor = (password: string) => drop("/accounts/me/second-factor", { password });
