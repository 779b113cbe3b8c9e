/** How outlets and deliveries are told. */
import { clock, brief, t } from "../../i18n";
import type { Delivery, Outlet, OutletKind } from "../../wire/outlets";

/** Those that one adds here. The bot of a Telegram library makes its own. */
export const OFFERED: OutletKind[] = ["webhook", "onebot11_http", "onebot11_ws", "qqbot"];

export const hasFormat = (kind: OutletKind): boolean => kind === "onebot11_http" || kind === "onebot11_ws";

const schemesOf = (kind: OutletKind) => (kind === "onebot11_ws" ? ["ws:", "wss:"] : ["http:", "https:"]);

/** What is wrong with an address for a kind of outlet, if anything. */
export function wrongAddress(kind: OutletKind, url: string): string | undefined {
  const schemes = schemesOf(kind);
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const good = parsed !== null && schemes.includes(parsed.protocol) && parsed.hostname !== "" && parsed.username === "";
  return good ? undefined : t("outlets.url.bad", { schemes: schemes.map((scheme) => `${scheme}//`).join(" / ") });
}

export type Health = "off" | "fine" | "waiting" | "failing";

export function healthOf(outlet: Outlet): Health {
  if (outlet.state === "off") return "off";
  if (outlet.failing_since !== null) return "failing";
  return outlet.waiting > 0 ? "waiting" : "fine";
}

export function healthTold(outlet: Outlet): string {
  const health = healthOf(outlet);
  if (health === "failing") return t("outlets.failing", { when: brief(outlet.failing_since!) });
  return health === "waiting" ? t("outlets.waiting", { n: outlet.waiting }) : t(`outlets.${health}`);
}

/** What became of one event, in a sentence. */
export function deliveryTold({ state, status, error, took_ms: ms, tries: n, next_at }: Delivery): string {
  if (state === "delivered")
    return status === null
      ? t("outlets.told.open", { ms })
      : t("outlets.told.delivered", { status: String(status), ms });
  // Sent again by hand, and not tried yet.
  if (status === null && error === "") return t("outlets.told.queued");
  const why = status === null ? t("outlets.told.silent") : t("outlets.told.answered", { status: String(status) });
  const then =
    state === "dead" ? t("outlets.told.dead", { n }) : next_at && t("outlets.told.next", { n, when: clock(next_at) });
  return [why, then].filter(Boolean).join(" · ");
}

/** The event as it was sent, laid out for people; null where it is not kept any more. */
export function laidOut(frame: string | null): string | null {
  if (frame === null) return null;
  try {
    return JSON.stringify(JSON.parse(frame), null, 2);
  } catch {
    return frame;
  }
}

/** A moment as a field for dates wants it, in the reader's own zone. */
export function forField(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
