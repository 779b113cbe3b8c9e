/** Who is online. Without a line to the server nobody knows, so nothing is said. */
import type { ChatRow } from "../wire/types";
import { connection } from "./connection.svelte";

const heard = () => connection.state === "open";

/** How many members of a group are online; 0 where that is not known. */
export const onlineIn = (row: ChatRow) => (heard() ? (row.online ?? 0) : 0);

/** Whether the other side of a direct conversation is online. */
export const peerIsOnline = (row: ChatRow) => heard() && row.peer_online === true;
