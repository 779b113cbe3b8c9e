/** Mini apps: opening one, and what one lets it know (docs/protocol/http.md, mini apps). */
import { drop, get, guardHeaders, patch, post, problem, put } from "./http";

export interface Launch {
  app: number;
  name: string;
  url: string;
  launch: string;
  init_data: string | null;
  openid: string;
  start: string;
  permissions: string[];
}

export interface Granted {
  app: number;
  name: string;
  permissions: string[];
  granted_at: string;
}

/** A bot whose app has a mini app, as far as a door to that needs it. */
export interface MiniDoor {
  app: number;
  app_name: string;
  mini_app: boolean;
}

export const launch = (chat: number, app: number, start: string, page: string) =>
  post<Launch>(`/chats/${chat}/apps/${app}/launch`, { start, page });
export const letKnow = (app: number) => put(`/apps/${app}/permissions/me`, { permissions: ["profile"] });
export const letKnowNothing = (app: number) => drop(`/apps/${app}/permissions/me`);
export const granted = () => get<Granted[]>("/apps/granted");

/** Those that can be opened in a group, each app once. */
export async function miniAppsIn(group: number): Promise<MiniDoor[]> {
  const bots = await get<MiniDoor[]>(`/groups/${group}/bots`);
  return bots.filter((bot, at) => bot.mini_app && bots.findIndex((other) => other.app === bot.app) === at);
}

/** The one of a bot, or none. */
export async function miniAppOf(bot: number): Promise<MiniDoor[]> {
  const card = await get<MiniDoor>(`/bots/${bot}`);
  return card.mini_app ? [card] : [];
}

/** A version of a mini app's pages. */
export interface Bundle {
  version: number;
  files: number;
  size_bytes: number;
  live: boolean;
  path: string;
  sent_at: string;
}

/** What an app keeps here, and how much it may. */
export interface Usage {
  entries: number;
  entries_max: number;
  entry_bytes: number;
  entry_bytes_max: number;
  files: number;
  files_max: number;
  file_bytes: number;
  file_bytes_max: number;
}

export const bundles = (app: number) => get<Bundle[]>(`/apps/${app}/bundles`);
export const putLive = (app: number, version: number) => put(`/apps/${app}/bundles/${version}/live`);
export const usage = (app: number) => get<Usage>(`/apps/${app}/usage`);
export const launchKey = (app: number) => get<{ key: string }>(`/apps/${app}/launch-key`);
export const miniUrl = (app: number) => get<{ mini_app: string | null; published: boolean }>(`/apps/${app}`);
export const setMiniUrl = (app: number, url: string | null) => patch<unknown>(`/apps/${app}`, { mini_app: url });

/** Sends a zip of pages, which are served from then on. */
export async function sendPages(app: number, zip: Blob): Promise<Bundle> {
  const answer = await fetch(`/api/v1/apps/${app}/bundles?live=true`, {
    method: "POST",
    headers: guardHeaders(),
    body: zip,
    credentials: "same-origin",
  });
  if (!answer.ok) throw await problem(answer);
  return (await answer.json()) as Bundle;
}

/** A picture as an address that a frame without an origin can show. */
export async function inlined(address: string): Promise<string | null> {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) return null;
  const blob = await answer.blob();
  return new Promise((keep) => {
    const reader = new FileReader();
    reader.onload = () => keep(String(reader.result));
    reader.onerror = () => keep(null);
    reader.readAsDataURL(blob);
  });
}
