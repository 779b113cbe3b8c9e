/** The directory of apps: found, rated, published, offered to groups (docs/protocol/http.md, the directory). */
import { drop, get, patch, post, put } from "./http";
import type { Scope } from "./openplatform";

export const CATEGORIES = [
  "moderation",
  "games",
  "music",
  "study",
  "sports",
  "news",
  "shopping",
  "tools",
  "social",
  "life",
  "other",
] as const;
export type Category = (typeof CATEGORIES)[number];

export const ORDERS = ["rated", "newest", "installed"] as const;
export type Order = (typeof ORDERS)[number];

/** Somebody, as far as a face and a name. */
export interface Face {
  number: number;
  nickname: string;
  avatar: string | null;
}

/** An app as a list shows it. */
export interface Listing {
  app: number;
  name: string;
  tagline: string;
  category: Category;
  icon: string | null;
  stars: number | null;
  ratings: number;
  groups: number;
  version: number;
  live_since: string;
}

export interface Rating extends Face {
  stars: number;
  text: string;
  at: string;
  reply: string | null;
  reply_at: string | null;
}

/** A version that was live. */
export interface Release {
  version: number;
  news: string;
  live_at: string;
}

/** An app as its page shows it. */
export interface ListingDetail extends Listing {
  about: string;
  news: string;
  scopes: Scope[];
  screenshots: string[];
  developer: Face;
  bots: Face[];
  mini_app: boolean;
  /** How many gave one star, two, up to five. */
  spread: number[];
  may_rate: boolean;
  my_rating: Rating | null;
  versions: Release[];
}

interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Wanted {
  q: string;
  category: Category | "";
  order: Order;
}

export const listings = (wanted: Wanted, after: string | null = null) =>
  get<Page<Listing>>("/directory", { ...wanted, after });
export const categories = () => get<{ category: Category; apps: number }[]>("/directory/categories");
export const listing = (app: number) => get<ListingDetail>(`/directory/${app}`);

export const ratings = (app: number, after: string | null = null) =>
  get<Page<Rating>>(`/directory/${app}/ratings`, { after });
export const rate = (app: number, form: { stars: number; text: string }) =>
  put<Rating>(`/directory/${app}/ratings/me`, form);
export const dropRating = (app: number) => drop(`/directory/${app}/ratings/me`);
export const reply = (app: number, to: number, text: string) =>
  put<Rating>(`/directory/${app}/ratings/${to}/reply`, { text });
export const dropReply = (app: number, to: number) => drop(`/directory/${app}/ratings/${to}/reply`);

/** What people are to see of an app, as its developer writes it. */
export interface VersionForm {
  name: string;
  tagline: string;
  about: string;
  category: Category | null;
  icon: string | null;
  screenshots: string[];
  scopes: Scope[];
  mini_app: string | null;
  news: string;
}

export interface Version extends VersionForm {
  version: number;
  state: "draft" | "submitted" | "approved" | "rejected";
  live: boolean;
  reasons: string;
  made_at: string;
  submitted_at: string | null;
  decided_at: string | null;
}

/** How an app stands in the directory. */
export interface Standing {
  listed: boolean;
  version: number | null;
  groups: number;
  stars: number | null;
  ratings: number;
}

const versionPath = (app: number, version: number) => `/apps/${app}/versions/${version}`;

export const versions = (app: number) => get<Version[]>(`/apps/${app}/versions`);
export const draftVersion = (app: number) => post<Version>(`/apps/${app}/versions`);
export const changeVersion = (app: number, version: number, form: Partial<VersionForm>) =>
  patch<Version>(versionPath(app, version), form);
export const dropVersion = (app: number, version: number) => drop(versionPath(app, version));
export const submitVersion = (app: number, version: number) => post<Version>(`${versionPath(app, version)}/submit`);
export const withdrawVersion = (app: number, version: number) => post<Version>(`${versionPath(app, version)}/withdraw`);
export const putVersionLive = (app: number, version: number) => post<Version>(`${versionPath(app, version)}/live`);
export const standing = (app: number) => get<Standing>(`/apps/${app}/listing`);
export const takeOut = (app: number) => drop(`/apps/${app}/listing`);

export interface GrantDay {
  day: string;
  showings: number;
  opened: number;
  installed: number;
}

/** An app that is put in front of fitting groups for a time, and what came of it. */
export interface TrafficGrant {
  grant: number;
  begun_at: string;
  ends_at: string;
  ended: boolean;
  showings_max: number;
  showings: number;
  opened: number;
  installed: number;
  kinds: string[];
  members_min: number;
  days: GrantDay[];
}

export const grants = (app: number) => get<TrafficGrant[]>(`/apps/${app}/grants`);

/** An app that a group which I lead may like. */
export interface Offer {
  grant: number;
  chat: number;
  /** Empty where it is asked of one group, which knows its name. */
  group_name: string;
  listing: Listing;
}

export const myOffers = () => get<Offer[]>("/directory/offers");
export const offersTo = async (chat: number): Promise<Offer[]> =>
  (await get<Omit<Offer, "chat" | "group_name">[]>(`/chats/${chat}/offers`)).map((one) => ({
    ...one,
    chat,
    group_name: "",
  }));
export const openOffer = (of: Offer) => post<void>(`/chats/${of.chat}/offers/${of.grant}/open`);
export const refuseOffer = (of: Offer) => drop(`/chats/${of.chat}/offers/${of.grant}`);

/** Where a picture of an app is: of what is live for everybody who is signed in, of a draft for its developer. */
export const artAddress = (media: string, size: "small" | "large") =>
  `/api/v1/directory/pictures/${encodeURIComponent(media)}/${size}`;
