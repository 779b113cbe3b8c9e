/** The box of notices. */
import { get, put } from "./http";

export interface Notice {
  notice: number;
  kind: string;
  about: string;
  params: Record<string, string | number>;
  count: number;
  first_at: string;
  last_at: string;
  read: boolean;
}

export interface Notices {
  items: Notice[];
  next: string | null;
  unread: number;
}

export const notices = (cursor?: string, limit = 50) => get<Notices>("/notices", { cursor, limit });
export const readNotices = (until: string) => put("/notices/read", { until });
