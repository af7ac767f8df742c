// The branches of a conversation: pure functions over its messages.
import type { Message } from "./types.ts";

/** The messages from the first to `leaf`. A message whose parent is missing begins the path. */
export function pathTo(leaf: string | null, byId: ReadonlyMap<string, Message>): Message[] {
  const path: Message[] = [];
  const seen = new Set<string>();
  for (let at = leaf; at !== null && !seen.has(at);) {
    const message = byId.get(at);
    if (!message) break;
    seen.add(at);
    path.push(message);
    at = message.parent;
  }
  return path.reverse();
}

/** Parent (or null) to children, oldest first. */
export function childrenOf(messages: Iterable<Message>): Map<string | null, Message[]> {
  const children = new Map<string | null, Message[]>();
  for (const message of messages) {
    const list = children.get(message.parent);
    if (list) list.push(message);
    else children.set(message.parent, [message]);
  }
  for (const list of children.values()) list.sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  return children;
}

/** The newest message below `id`: where stepping to its branch leads. */
export function newestLeaf(id: string, children: ReadonlyMap<string | null, Message[]>): string {
  let at = id;
  for (const seen = new Set<string>(); !seen.has(at);) {
    seen.add(at);
    const next = children.get(at)?.at(-1);
    if (!next) break;
    at = next.id;
  }
  return at;
}

/** `id` and everything below it. */
export function subtree(id: string, children: ReadonlyMap<string | null, Message[]>): string[] {
  const found = new Set([id]);
  for (const at of found) for (const child of children.get(at) ?? []) found.add(child.id);
  return [...found];
}
