// Conversations in IndexedDB. Each call is one transaction, so two tabs cannot leave half a change.
import type { Conversation, Message } from "./types.ts";

const NAME = "gollum";
const VERSION = 1;

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("conversations", { keyPath: "id" });
      request.result.createObjectStore("messages", { keyPath: "id" }).createIndex("conversation", "conversation");
    };
    request.onsuccess = () => {
      // Another tab with a newer page must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error ?? new Error("the browser's database cannot be opened"));
    request.onblocked = () => reject(new Error("another tab holds an older version of the database"));
  });
  opened.catch(() => { opened = null; });
  return opened;
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database failed"));
  });
}

async function write(change: (conversations: IDBObjectStore, messages: IDBObjectStore) => void): Promise<void> {
  const transaction = (await open()).transaction(["conversations", "messages"], "readwrite");
  const done = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("nothing was saved"));
  });
  change(transaction.objectStore("conversations"), transaction.objectStore("messages"));
  return done;
}

export async function allConversations(): Promise<Conversation[]> {
  const transaction = (await open()).transaction("conversations");
  return result(transaction.objectStore("conversations").getAll() as IDBRequest<Conversation[]>);
}

export async function messagesOf(conversation: string): Promise<Message[]> {
  const store = (await open()).transaction("messages").objectStore("messages");
  return result(store.index("conversation").getAll(conversation) as IDBRequest<Message[]>);
}

export const save = (conversations: Conversation[], messages: Message[]): Promise<void> =>
  write((c, m) => {
    conversations.forEach((one) => c.put(one));
    messages.forEach((one) => m.put(one));
  });

export const remove = (conversation: string, messages: string[]): Promise<void> =>
  write((c, m) => {
    c.delete(conversation);
    messages.forEach((id) => m.delete(id));
  });

export const removeMessages = (conversation: Conversation, messages: string[]): Promise<void> =>
  write((c, m) => {
    c.put(conversation);
    messages.forEach((id) => m.delete(id));
  });

const heldBy = ({ text, calls = [], results = [] }: Message): string[] =>
  [text, ...calls.flatMap((call) => [call.name, call.arguments]), ...results.map((result) => result.text)];

/** The ids of conversations whose messages hold `words`, at most `limit`. */
export async function search(words: string, limit: number): Promise<Set<string>> {
  const wanted = words.toLowerCase();
  const found = new Set<string>();
  const request = (await open()).transaction("messages").objectStore("messages").openCursor();
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error ?? new Error("the search failed"));
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || found.size >= limit) return resolve(found);
      const message = cursor.value as Message;
      if (heldBy(message).some((text) => text.toLowerCase().includes(wanted))) found.add(message.conversation);
      cursor.continue();
    };
  });
}
