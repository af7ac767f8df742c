// Conversations as files. What is read is checked field by field: a file may come from anywhere.
import { layOut } from "../tools/json.ts";
import { childrenOf, newestLeaf, pathTo } from "./tree.ts";
import {
  newId, type AskedSchema, type AskedTools, type Attachment, type Conversation, type Figures, type Message,
  type Sampling, type ToolCall, type ToolChoice, type ToolResult,
} from "./types.ts";

export interface Whole {
  conversation: Conversation;
  messages: Message[];
}

export const FORMAT = "gollum-conversations";
/** Bounds of an import: what is longer is refused rather than cut. */
export const MAX_FILE_BYTES = 64 << 20;
const MAX_CONVERSATIONS = 5_000;
const MAX_MESSAGES = 50_000;
const MAX_TEXT = 4 << 20;
const MAX_NAME = 300;
const MAX_CALLS = 128;
/** Characters of a list of tools, or of a schema. */
export const MAX_TYPED = 200_000;

export function toJson(all: Whole[]): string {
  return JSON.stringify({
    format: FORMAT,
    version: 1,
    conversations: all.map(({ conversation, messages }) => ({ ...conversation, messages })),
  }, null, 1);
}

/** The branch that is shown, as Markdown. */
export function toMarkdown({ conversation, messages }: Whole): string {
  const path = pathTo(conversation.leaf, new Map(messages.map((message) => [message.id, message])));
  const system = conversation.system ? [`> ${conversation.system.replaceAll("\n", "\n> ")}`] : [];
  const parts = path.map((message) => {
    const who = { user: "You", assistant: message.model ?? "Model", tool: "Results" }[message.role];
    const calls = (message.calls ?? []).map(({ name, arguments: given }) => `Calls ${name}:\n${fenced(layOut(given), "json")}`);
    const results = (message.results ?? []).map(({ name, text }) => `${name}:\n${fenced(text)}`);
    const said = message.json ? fenced(layOut(message.text), "json") : withAttachments(message);
    return [`## ${who}`, said, ...calls, ...results].filter((part) => part !== "").join("\n\n");
  });
  return [`# ${conversation.title}`, ...system, ...parts].join("\n\n") + "\n";
}

/** A message as the model reads it: its text, and each attached file as a fenced block. */
export function withAttachments(message: Pick<Message, "text" | "attachments">): string {
  const files = (message.attachments ?? []).map(({ name, text }) => `${name}:\n${fenced(text)}`);
  return [...files, message.text].filter((part) => part !== "").join("\n\n");
}

/** A fenced block, whose fence is longer than any in it. */
function fenced(text: string, language = ""): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
  const fence = "`".repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`;
}

type Fields = Record<string, unknown>;
const fields = (value: unknown, what: string): Fields => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  return value as Fields;
};
const list = (value: unknown, what: string, most: number): unknown[] => {
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  if (value.length > most) throw new Error(`${what} has more than ${most} entries`);
  return value;
};
const text = (value: unknown, what: string, most: number): string => {
  if (typeof value !== "string") throw new Error(`${what} is no text`);
  if (value.length > most) throw new Error(`${what} is longer than ${most} characters`);
  return value;
};
const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** Reads a file. Errors: what is wrong with it, for people. */
export function fromJson(content: string): Whole[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    throw new Error("the file is not JSON");
  }
  const file = fields(parsed, "the file");
  if (file.format !== FORMAT || file.version !== 1) throw new Error("the file holds no conversations of this page");
  return list(file.conversations, "`conversations`", MAX_CONVERSATIONS).map(readConversation);
}

function readConversation(value: unknown): Whole {
  const given = fields(value, "a conversation");
  const id = newId();
  const raw = list(given.messages, "`messages`", MAX_MESSAGES).map((one) => fields(one, "a message"));
  const ids = new Map(raw.map((one) => [text(one.id, "a message's `id`", MAX_NAME), newId()]));
  const place = (old: unknown): string | null => (typeof old === "string" ? (ids.get(old) ?? null) : null);
  const messages = raw.map((one): Message => readMessage(one, id, ids.get(one.id as string) ?? newId(), place(one.parent)));
  if (hasLoop(messages)) throw new Error("messages follow each other in a circle");
  const now = Date.now();
  const last = messages.at(-1)?.id;
  return {
    messages,
    conversation: {
      id,
      title: text(given.title ?? "Imported", "`title`", MAX_NAME),
      named: given.named === true,
      pinned: given.pinned === true,
      created: number(given.created) ?? now,
      updated: number(given.updated) ?? now,
      model: typeof given.model === "string" ? text(given.model, "`model`", MAX_NAME) : null,
      system: text(given.system ?? "", "`system`", MAX_TEXT),
      sampling: readSampling(given.sampling),
      ...(given.tools === undefined ? {} : { tools: readTools(given.tools) }),
      ...(given.schema === undefined ? {} : { schema: readSchema(given.schema) }),
      leaf: place(given.leaf) ?? (last ? newestLeaf(last, childrenOf(messages)) : null),
    },
  };
}

function readMessage(one: Fields, conversation: string, id: string, parent: string | null): Message {
  if (one.role !== "user" && one.role !== "assistant" && one.role !== "tool") throw new Error("a message's `role` is neither user, assistant nor tool");
  const message: Message = {
    id, conversation, parent, role: one.role,
    text: text(one.text, "a message's `text`", MAX_TEXT),
    created: number(one.created) ?? Date.now(),
  };
  if (typeof one.reasoning === "string") message.reasoning = text(one.reasoning, "`reasoning`", MAX_TEXT);
  if (typeof one.model === "string") message.model = text(one.model, "`model`", MAX_NAME);
  if (one.json === true) message.json = true;
  if (one.calls !== undefined) message.calls = list(one.calls, "`calls`", MAX_CALLS).map(readCall);
  if (one.results !== undefined) message.results = list(one.results, "`results`", MAX_CALLS).map(readResult);
  const ended = (["stop", "length", "calls", "stopped", "cut"] as const).find((word) => word === one.ended);
  if (ended) message.ended = ended;
  if (one.attachments !== undefined) {
    message.attachments = list(one.attachments, "`attachments`", 64).map((file): Attachment => {
      const { name, text: content } = fields(file, "an attachment");
      return { name: text(name, "a file's `name`", MAX_NAME), text: text(content, "a file's `text`", MAX_TEXT) };
    });
  }
  const figures = readFigures(one.figures);
  if (figures) message.figures = figures;
  return message;
}

function readCall(value: unknown): ToolCall {
  const { id, name, arguments: given } = fields(value, "a call");
  return { id: text(id, "a call's `id`", MAX_NAME), name: text(name, "a call's `name`", MAX_NAME), arguments: text(given, "a call's `arguments`", MAX_TEXT) };
}

function readResult(value: unknown): ToolResult {
  const { id, name, text: content } = fields(value, "a result");
  return { id: text(id, "a result's `id`", MAX_NAME), name: text(name, "a result's `name`", MAX_NAME), text: text(content, "a result's `text`", MAX_TEXT) };
}

export function readTools(value: unknown): AskedTools {
  const { text: typed, choice, parallel } = fields(value, "`tools`");
  return { text: text(typed ?? "", "the text of `tools`", MAX_TYPED), choice: readChoice(choice), parallel: parallel === true };
}

function readChoice(value: unknown): ToolChoice {
  const word = (["auto", "none", "required"] as const).find((one) => one === value);
  if (word) return word;
  const name = typeof value === "object" && value !== null ? (value as Fields).name : undefined;
  return typeof name === "string" ? { name: name.slice(0, MAX_NAME) } : "auto";
}

export function readSchema(value: unknown): AskedSchema {
  const { text: typed, on } = fields(value, "`schema`");
  return { text: text(typed ?? "", "the text of `schema`", MAX_TYPED), on: on === true };
}

function readFigures(value: unknown): Figures | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const given = value as Fields;
  const of = (name: string): number => number(given[name]) ?? 0;
  return {
    promptTokens: of("promptTokens"), cachedTokens: of("cachedTokens"), answerTokens: of("answerTokens"),
    firstMs: of("firstMs"), restMs: of("restMs"), replayed: given.replayed === true,
    requestId: typeof given.requestId === "string" ? given.requestId.slice(0, MAX_NAME) : "",
  };
}

const SAMPLING_NUMBERS = ["temperature", "top_p", "top_k", "min_p", "repetition_penalty", "presence_penalty",
  "frequency_penalty", "max_tokens", "seed"] as const;

export function readSampling(value: unknown): Sampling {
  if (typeof value !== "object" || value === null) return {};
  const given = value as Fields;
  const sampling: Sampling = {};
  for (const name of SAMPLING_NUMBERS) {
    const found = number(given[name]);
    if (found !== undefined) sampling[name] = found;
  }
  if (Array.isArray(given.stop)) sampling.stop = given.stop.filter((one): one is string => typeof one === "string" && one !== "").slice(0, 16);
  return sampling;
}

/** True if some chain of parents never ends. */
function hasLoop(messages: Message[]): boolean {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const sound = new Set<string>();
  for (const message of messages) {
    const chain = new Set<string>();
    for (let at: Message | undefined = message; at && !sound.has(at.id); at = at.parent === null ? undefined : byId.get(at.parent)) {
      if (chain.has(at.id)) return true;
      chain.add(at.id);
    }
    for (const id of chain) sound.add(id);
  }
  return false;
}
