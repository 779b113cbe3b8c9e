/** Conversations and their messages. */
import type { Change } from "./frames";
import { drop, get, patch, post, put } from "./http";
import type { ChatDetail, ChatRow, Message, Notify, Page, Segment } from "./types";

export interface MessagePage {
  messages: Message[];
  more: boolean;
  /** Every change up to here is in the messages. */
  rev: number;
}

export interface Span {
  after?: number;
  before?: number;
  around?: number;
  limit?: number;
}

const ROWS_MAX = 1_000;

/** All my conversations, as many as a client can hold. */
export async function allRows(): Promise<ChatRow[]> {
  const found: ChatRow[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<ChatRow> = await get<Page<ChatRow>>("/chats", { cursor });
    found.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null && found.length < ROWS_MAX);
  return found;
}

export const detail = (chat: number) => get<ChatDetail>(`/chats/${chat}`);
export const adjust = (chat: number, mine: { notify?: Notify; pinned?: boolean }) =>
  patch<unknown>(`/chats/${chat}`, mine);
export const messages = (chat: number, span: Span) => get<MessagePage>(`/chats/${chat}/messages`, { ...span });
export const changes = (chat: number, after: number) =>
  get<{ changes: Change[]; more: boolean }>(`/chats/${chat}/changes`, { after, limit: 100 });
export const send = (chat: number, key: string, segments: Segment[]) =>
  post<{ chat: number; seq: number; id: number; at: string }>(`/chats/${chat}/messages`, { key, segments });
export const recall = (chat: number, seq: number) => put(`/chats/${chat}/messages/${seq}/recall`);
export const react = (chat: number, seq: number, emoji: string) =>
  put(`/chats/${chat}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
export const unreact = (chat: number, seq: number, emoji: string) =>
  drop(`/chats/${chat}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
export const pin = (chat: number, seq: number) => put(`/chats/${chat}/pins/${seq}`);
export const unpin = (chat: number, seq: number) => drop(`/chats/${chat}/pins/${seq}`);
export const read = (chat: number, seq: number) => put(`/chats/${chat}/read`, { seq });
export const readCounts = (chat: number, first: number, last: number) =>
  get<{ items: { seq: number; read: number; members: number }[] }>(`/chats/${chat}/reads`, { first, last });
export const direct = (number: number) => post<{ chat: number }>("/directs", { number });
