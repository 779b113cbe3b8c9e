/**
 * What this browser keeps, in IndexedDB: who I am, chats and their latest messages, drafts, sends that wait.
 *
 * A browser that keeps nothing (a private window may refuse) is not an error: reading gives undefined, writing is lost.
 */

const SHELF = "hutong";
const VERSION = 1;
export const ROOMS = ["things", "chats", "pages", "drafts", "sends"] as const;
export type Room = (typeof ROOMS)[number];

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asking = indexedDB.open(SHELF, VERSION);
    asking.onupgradeneeded = () => ROOMS.forEach((room) => asking.result.createObjectStore(room));
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error ?? new Error("The shelf cannot be opened."));
  });
  return opened;
}

function settled<Value>(asking: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error ?? new Error("The shelf did not answer."));
  });
}

async function within<Value>(
  room: Room,
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest<Value>,
): Promise<Value | undefined> {
  try {
    return await settled(ask((await open()).transaction(room, mode).objectStore(room)));
  } catch {
    return undefined;
  }
}

export const kept = (room: Room, key: IDBValidKey) => within<unknown>(room, "readonly", (store) => store.get(key));
export const keptAll = async (room: Room) =>
  (await within<unknown[]>(room, "readonly", (store) => store.getAll())) ?? [];
export const keptKeys = async (room: Room) =>
  (await within<IDBValidKey[]>(room, "readonly", (store) => store.getAllKeys())) ?? [];

/** Answers whether it is kept: a browser may refuse, or have no room. */
export async function keep(room: Room, key: IDBValidKey, value: unknown): Promise<boolean> {
  return (await within(room, "readwrite", (store) => store.put(value, key))) !== undefined;
}

function clear(room: Room): Promise<undefined> {
  return within<undefined>(room, "readwrite", (store) => store.clear());
}

export async function forget(room: Room, key: IDBValidKey): Promise<void> {
  await within<undefined>(room, "readwrite", (store) => store.delete(key));
}

/** Clears what was said, and leaves what was not sent yet. */
export async function forgetTalk(): Promise<void> {
  await Promise.all([clear("chats"), clear("pages")]);
}

export async function forgetEverything(): Promise<void> {
  await Promise.all(ROOMS.map(clear));
}

export const keptThing = (name: string) => kept("things", name);
export const keepThing = (name: string, value: unknown) => keep("things", name, value);
