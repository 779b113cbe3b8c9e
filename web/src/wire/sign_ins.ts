/** Signing in elsewhere with the account here. */
import { drop, get, post } from "./http";

export type SignInScope = "openid" | "profile" | "email" | "groups" | "offline_access";

export interface AppOwner {
  number: number;
  nickname: string;
  avatar: string | null;
}

/** An app, as somebody sees it who may let it know them. */
export interface SignInApp {
  app: number;
  name: string;
  about: string;
  owner: AppOwner;
  reviewed: boolean;
  scopes: SignInScope[];
}

export interface Consent extends SignInApp {
  host: string;
  settled: boolean;
  /** Milliseconds since 1970: the app wants one to have signed in after that, and one has not. */
  sign_in_since: number | null;
}

export interface KnownApp extends SignInApp {
  given_at: string;
  used_at: string;
}

/** `query` is what the app has sent the browser here with. */
export const consent = (query: string) => get<Consent>("/oauth/consent", { query });
export const answerApp = (query: string, allow: boolean) => post<{ to: string }>("/oauth/consent", { query, allow });
export const knownApps = () => get<KnownApp[]>("/accounts/me/apps");
export const forgetApp = (app: number) => drop(`/accounts/me/apps/${app}`);
