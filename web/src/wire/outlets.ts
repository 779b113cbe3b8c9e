/** Where a bot's events are sent to, and what became of them (docs/protocol/http.md, outlets). */
import { drop, get, patch, post } from "./http";
import type { Page } from "./types";

export type OutletKind = "webhook" | "onebot11_http" | "onebot11_ws" | "telegram" | "qqbot";

export interface Outlet {
  outlet: number;
  kind: OutletKind;
  url: string;
  options: Record<string, unknown>;
  state: "on" | "off";
  position: number;
  waiting: number;
  tries: number;
  failing_since: string | null;
  last_error: string;
  made_at: string;
  /** Told when it is new. */
  secret: string | null;
}

export type DeliveryState = "delivered" | "waiting" | "dead";

export interface Delivery {
  delivery: number;
  event: number;
  state: DeliveryState;
  status: number | null;
  error: string;
  took_ms: number;
  tries: number;
  at: string;
  next_at: string | null;
  /** The event as JSON, as long as it is kept. */
  frame: string | null;
}

/** The bot whose outlets they are, and the app that it is of. */
export interface Whose {
  app: number;
  bot: number;
}

export interface OutletForm {
  url: string;
  secret?: string;
  options: Record<string, unknown>;
}

const root = ({ app, bot }: Whose) => `/apps/${app}/bots/${bot}/outlets`;
const one = (whose: Whose, outlet: number) => `${root(whose)}/${outlet}`;

export const outlets = (whose: Whose) => get<Outlet[]>(root(whose));
export const addOutlet = (whose: Whose, form: OutletForm & { kind: OutletKind }) => post<Outlet>(root(whose), form);
export const changeOutlet = (whose: Whose, outlet: number, form: Partial<OutletForm> & { state?: Outlet["state"] }) =>
  patch<Outlet>(one(whose, outlet), form);
export const dropOutlet = (whose: Whose, outlet: number) => drop(one(whose, outlet));
export const deliveries = (whose: Whose, outlet: number, only: DeliveryState | "", cursor?: string | null) =>
  get<Page<Delivery>>(`${one(whose, outlet)}/log`, { only, cursor });
export const resend = (whose: Whose, outlet: number, event: number) =>
  post<void>(`${one(whose, outlet)}/resend`, { event });
export const replay = (whose: Whose, outlet: number, since: string) =>
  post<Outlet>(`${one(whose, outlet)}/replay`, { since });
