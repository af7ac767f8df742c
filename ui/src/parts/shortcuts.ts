// Every key of the page: one table, which the help shows too.
import { chats } from "../store/chats.svelte.ts";
import { route } from "./route.svelte.ts";
import { ui } from "./ui.svelte.ts";

export interface Shortcut {
  keys: string;
  what: string;
  matches: (event: KeyboardEvent) => boolean;
  run: (event: KeyboardEvent) => void;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const MOD = isMac ? "⌘" : "Ctrl";

const mod = (event: KeyboardEvent): boolean => (isMac ? event.metaKey : event.ctrlKey);
const isWriting = (event: KeyboardEvent): boolean =>
  event.target instanceof HTMLElement && (event.target.matches("input, textarea, select") || event.target.isContentEditable);
/** Focuses what is there now, or will be once the page has changed. */
const focus = (id: string): void => {
  const found = document.getElementById(id);
  if (found) found.focus();
  else requestAnimationFrame(() => document.getElementById(id)?.focus());
};
const alone = (event: KeyboardEvent, key: string): boolean =>
  event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey && !isWriting(event);

const does = (action: () => void) => (event: KeyboardEvent): void => {
  event.preventDefault();
  action();
};

export const newChat = (): void => {
  route.go("#/");
  ui.leaveSidebar();
  focus("message");
};

export const SHORTCUTS: Shortcut[] = [
  { keys: "/", what: "Write a message", matches: (e) => alone(e, "/"), run: does(() => focus("message")) },
  { keys: `${MOD} Shift O`, what: "New chat", matches: (e) => mod(e) && e.shiftKey && e.key.toLowerCase() === "o", run: does(newChat) },
  { keys: `${MOD} K`, what: "Search conversations", matches: (e) => mod(e) && !e.shiftKey && e.key.toLowerCase() === "k", run: does(() => { ui.sidebar = true; focus("search"); }) },
  { keys: "Esc", what: "Stop the answer", matches: (e) => e.key === "Escape" && !document.querySelector("dialog[open]") && chats.running !== null, run: does(() => chats.running?.stop()) },
  { keys: `${MOD} B`, what: "Show or hide the list", matches: (e) => mod(e) && !e.shiftKey && e.key.toLowerCase() === "b", run: does(() => ui.toggleSidebar()) },
  { keys: `${MOD} ,`, what: "Sampling and system prompt", matches: (e) => mod(e) && e.key === ",", run: does(() => { ui.controls = !ui.controls; }) },
  { keys: "Alt T", what: "Tools", matches: (e) => e.altKey && e.code === "KeyT", run: does(() => { ui.tools = !ui.tools; }) },
  { keys: "Alt J", what: "Answer as JSON", matches: (e) => e.altKey && e.code === "KeyJ", run: does(() => { ui.schema = !ui.schema; }) },
  { keys: "Alt R", what: "Answer again", matches: (e) => e.altKey && e.code === "KeyR", run: does(() => { const last = chats.path.at(-1); if (last && !chats.running) void chats.regenerate(last); }) },
  { keys: "Alt ←  Alt →", what: "Step between answers", matches: (e) => e.altKey && !isWriting(e) && (e.key === "ArrowLeft" || e.key === "ArrowRight"), run: (e) => { e.preventDefault(); stepLast(e.key === "ArrowLeft" ? -1 : 1); } },
  { keys: "Alt 1  2  3", what: "Chat, cache, dashboard", matches: (e) => e.altKey && ["Digit1", "Digit2", "Digit3"].includes(e.code), run: (e) => { e.preventDefault(); route.go(["#/", "#/cache", "#/dashboard"][Number(e.code.at(-1)) - 1] ?? "#/"); } },
  { keys: "?", what: "This list", matches: (e) => alone(e, "?"), run: does(() => { ui.shortcuts = true; }) },
];

/** Steps at the last message of the branch that has siblings. */
function stepLast(by: number): void {
  const at = chats.path.findLast((message) => (chats.children.get(message.parent)?.length ?? 0) > 1);
  if (at) void chats.step(at, by);
}

export const matchShortcut = (event: KeyboardEvent): Shortcut | undefined => SHORTCUTS.find((one) => one.matches(event));

/** Keys of the message field, which it handles itself. */
export const WRITING: { keys: string; what: string }[] = [
  { keys: "Enter", what: "Send" },
  { keys: "Shift Enter", what: "New line" },
  { keys: "↑", what: "Edit the last message, if the field is empty" },
];
