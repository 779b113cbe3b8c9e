/** Conversations and their messages. */
import { get } from "./http";
import type { ChatRow, Page } from "./types";

export const rows = (cursor?: string | null) => get<Page<ChatRow>>("/chats", { cursor });
