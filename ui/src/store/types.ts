// What the page keeps. A conversation is a tree of messages: editing or asking again adds a sibling, and `leaf` says
// which branch is shown.

export type Role = "user" | "assistant" | "tool";

/** A call as the model wrote it: its arguments are text that need not be JSON. */
export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

/** What came of a call. */
export interface ToolResult {
  /** The call's. */
  id: string;
  name: string;
  text: string;
}

export type ToolChoice = "auto" | "none" | "required" | { name: string };

/** The tools on offer: JSON as it was typed, so that a mistake can be mended. */
export interface AskedTools {
  text: string;
  choice: ToolChoice;
  /** Several calls at once, where one has to be made. */
  parallel: boolean;
}

/** The form that answers have: a JSON schema as it was typed. */
export interface AskedSchema {
  text: string;
  on: boolean;
}

export const NO_TOOLS: AskedTools = { text: "", choice: "auto", parallel: false };
export const NO_SCHEMA: AskedSchema = { text: "", on: false };

/** What an answer cost, in the server's numbers where it gave them. */
export interface Figures {
  promptTokens: number;
  cachedTokens: number;
  answerTokens: number;
  /** From sending to the first text. */
  firstMs: number;
  /** From the first text to the end. */
  restMs: number;
  replayed: boolean;
  requestId: string;
}

export interface Attachment {
  name: string;
  text: string;
}

export interface Message {
  id: string;
  conversation: string;
  parent: string | null;
  role: Role;
  text: string;
  reasoning?: string;
  attachments?: Attachment[];
  /** What an answer asks for. */
  calls?: ToolCall[];
  /** What a tool's message holds: a result for each call of the answer before it. */
  results?: ToolResult[];
  /** True of an answer that was asked for as JSON. */
  json?: boolean;
  created: number;
  model?: string;
  figures?: Figures;
  /** Why the answer ended: the server's word, `stopped` by the reader, `cut` where the page went away. */
  ended?: "stop" | "length" | "calls" | "stopped" | "cut" | "error";
  problem?: Problem;
}

/** Something that went wrong, in words that say what to do. */
export interface Problem {
  title: string;
  advice: string;
  kind: "offline" | "busy" | "context" | "key" | "model" | "starting" | "request" | "server";
  /** Seconds after which the server wants to be asked again. */
  retryAfterS?: number;
}

/** How tokens are chosen; what is absent is the model's own default. */
export interface Sampling {
  temperature?: number;
  top_p?: number;
  top_k?: number;
  min_p?: number;
  repetition_penalty?: number;
  presence_penalty?: number;
  frequency_penalty?: number;
  max_tokens?: number;
  seed?: number;
  stop?: string[];
}

export interface Conversation {
  id: string;
  title: string;
  /** True once somebody gave it a name: then no message changes it. */
  named: boolean;
  pinned: boolean;
  created: number;
  updated: number;
  model: string | null;
  system: string;
  sampling: Sampling;
  tools?: AskedTools;
  schema?: AskedSchema;
  leaf: string | null;
}

export const newId = (): string => {
  // `crypto.randomUUID` is there on https and loopback only, and the page may be served over plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
