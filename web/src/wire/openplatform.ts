/** Apps, their bots, and bots in groups (docs/protocol/http.md, apps and bots). */
import { call, drop, get, patch, post, put } from "./http";

export const SCOPES = ["read_mentions", "read_all", "send", "members", "moderate"] as const;
export type Scope = (typeof SCOPES)[number];

export interface AppBot {
  number: number;
  nickname: string;
  avatar: string | null;
  groups: number;
}

export interface App {
  app: number;
  name: string;
  about: string;
  scopes: Scope[];
  state: "sandbox" | "reviewed" | "suspended";
  /** Whether it is in the directory: then what people see of it is changed by a new version. */
  published: boolean;
  made_at: string;
  bots: AppBot[];
}

export type AppForm = Pick<App, "name" | "about" | "scopes">;

export interface Quota {
  method: string;
  used: number;
  count_max: number;
}

/** A bot as everybody may know it. */
export interface BotCard {
  number: number;
  nickname: string;
  avatar: string | null;
  app: number;
  app_name: string;
  about: string;
  scopes: Scope[];
  reviewed: boolean;
}

/** A bot in a group, with what it may do there. */
export interface Install {
  chat: number;
  number: number;
  nickname: string;
  avatar: string | null;
  app: number;
  app_name: string;
  scopes: Scope[];
  granted_by: number;
  granted_at: string;
}

/** A group of mine that a bot could be let into, or is in. */
export interface GroupChoice {
  chat: number;
  name: string;
  avatar: string | null;
  members: number;
  installed: boolean;
}

/** What a bot is told of itself. */
export interface MyBot {
  number: number;
  nickname: string;
  app: number;
  last_event: number;
  installs: Install[];
}

export const apps = () => get<App[]>("/apps");
export const app = (number: number) => get<App>(`/apps/${number}`);
export const register = (form: AppForm) => post<App>("/apps", form);
export const changeApp = (number: number, form: Partial<AppForm>) => patch<App>(`/apps/${number}`, form);
export const dropApp = (number: number) => drop(`/apps/${number}`);
export const quotas = (number: number) => get<Quota[]>(`/apps/${number}/quotas`);

/** Somebody who may try an app out before it is reviewed. */
export interface Tester {
  number: number;
  nickname: string;
  avatar: string | null;
}

export const testers = (of: number) => get<Tester[]>(`/apps/${of}/testers`);
export const addTester = async (of: number, called: string) => put(`/apps/${of}/testers/${await numberOf(called)}`, {});
export const dropTester = (of: number, number: number) => drop(`/apps/${of}/testers/${number}`);

const botPath = (of: number, number: number) => `/apps/${of}/bots/${number}`;

export const makeBot = (of: number, form: { nickname: string; handle?: string }) =>
  post<BotCard>(`/apps/${of}/bots`, form);
export const changeBot = (
  of: number,
  number: number,
  form: { nickname?: string; handle?: string; avatar?: string | null },
) => patch<BotCard>(botPath(of, number), form);
export const dropBot = (of: number, number: number) => drop(botPath(of, number));
export const makeToken = (of: number, number: number, form: { note: string; rotate: boolean }) =>
  post<{ token: string }>(`${botPath(of, number)}/tokens`, form);
export const revokeTokens = (of: number, number: number) => drop(`${botPath(of, number)}/tokens`);

export const botCard = (number: number) => get<BotCard>(`/bots/${number}`);
export const groupChoices = (number: number) => get<GroupChoice[]>(`/bots/${number}/groups`);
export const botsOf = (chat: number) => get<Install[]>(`/groups/${chat}/bots`);
export const install = (chat: number, number: number, scopes: readonly Scope[]) =>
  put(`/groups/${chat}/bots/${number}`, { scopes });
export const uninstall = (chat: number, number: number) => drop(`/groups/${chat}/bots/${number}`);

/** Asked in the name of a bot, by its token. */
export const meAsBot = (token: string) => call<MyBot>("GET", "/bots/me", { token });
export const groupAsBot = (token: string, chat: number) => call<{ name: string }>("GET", `/groups/${chat}`, { token });

/** The number that somebody has written, or that their handle stands for. */
async function numberOf(called: string): Promise<number> {
  const name = called.trim().replace(/^@/, "");
  if (/^\d{1,15}$/.test(name)) return Number(name);
  return (await get<{ number: number }>(`/handles/${encodeURIComponent(name)}`)).number;
}

/** The bot that a number or a handle stands for; the server refuses what is none. */
export const findBot = async (called: string) => botCard(await numberOf(called));
