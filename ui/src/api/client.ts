// Calls to the server this page came from. Addresses are relative: a proxy may show the server under a path.
import type { Problem } from "../store/types.ts";
import type { CallDelta } from "../tools/calls.ts";
import { events } from "./events.ts";
import { offline, problemOf } from "./problems.ts";

export interface Model {
  id: string;
  loaded: boolean;
  /** While it loads, with the share of its weights that are there. */
  status?: { value: string; progress?: number };
  size: number;
  max_model_len: number | null;
  /** How it is named in the file: `Q4_K_M`; absent for the toy. */
  quantization?: string | null;
  /** Weights in all tensors. */
  weights?: number | null;
  /** Longest context it was trained for. */
  context_length?: number | null;
  /** `completion`, `embedding`, `rerank`. */
  capabilities?: string[];
  default_sampling: Record<string, number>;
}

export interface Loads {
  running: number;
  waiting: number;
  kvUsage: number;
}

export class Failure extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

const KEY = "gollum-key";
let key = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? "";

/** Sets the API key; `remember` keeps it in this browser, else it goes with the tab. */
export function setKey(value: string, remember: boolean): void {
  key = value;
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
  if (value) (remember ? localStorage : sessionStorage).setItem(KEY, value);
}
export const hasKey = (): boolean => key !== "";

/** Asks the server. Errors: [`Failure`] for all but an abort. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (key) headers.set("authorization", `Bearer ${key}`);
  if (init.body) headers.set("content-type", "application/json");
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure(offline());
  }
  if (!response.ok) throw new Failure(await problemOf(response));
  return response;
}

export async function models(): Promise<{ models: Model[]; advice: string | null }> {
  const found = (await (await call("v1/models")).json()) as { data: Model[]; advice?: string | null };
  // Models that only embed or rank have nothing to say.
  const speaking = found.data.filter((model) => model.capabilities?.includes("completion") ?? true);
  return { models: speaking, advice: found.advice ?? null };
}

export async function loads(): Promise<Loads> {
  const { aggregate } = (await (await call("v1/loads")).json()) as { aggregate: Record<string, number> };
  return { running: aggregate.num_running_reqs ?? 0, waiting: aggregate.num_waiting_reqs ?? 0, kvUsage: aggregate.token_usage ?? 0 };
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number; prompt_cache_hit?: boolean };
}

/** One piece of an answer. */
export interface Piece {
  text?: string;
  reasoning?: string;
  calls?: CallDelta[];
  finished?: string;
  usage?: Usage;
}

interface Chunk {
  error?: { message: string; code?: string };
  usage?: Usage | null;
  choices?: { delta?: { content?: string | null; reasoning_content?: string | null; reasoning?: string | null; tool_calls?: CallDelta[] | null }; finish_reason?: string | null }[];
}

/** Streams an answer. `onStart` gets the request's id once the server has taken it. */
export async function* chat(body: object, signal: AbortSignal, onStart: (requestId: string) => void): AsyncGenerator<Piece> {
  const response = await call("v1/chat/completions", { method: "POST", body: JSON.stringify(body), signal });
  onStart(response.headers.get("x-request-id") ?? "");
  if (!response.body) throw new Failure(offline());
  let complete = false;
  try {
    for await (const data of events(response.body)) {
      if (data === "[DONE]") {
        complete = true;
        break;
      }
      const chunk = JSON.parse(data) as Chunk;
      if (chunk.error) throw new Failure(await problemOf(new Response(data, { status: chunk.error.code === "draining" ? 503 : 500 })));
      const choice = chunk.choices?.[0];
      const piece: Piece = {};
      if (choice?.delta?.content) piece.text = choice.delta.content;
      const reasoning = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning;
      if (reasoning) piece.reasoning = reasoning;
      if (choice?.delta?.tool_calls?.length) piece.calls = choice.delta.tool_calls;
      if (choice?.finish_reason) piece.finished = choice.finish_reason;
      if (chunk.usage) piece.usage = chunk.usage;
      yield piece;
    }
  } catch (error) {
    if (error instanceof Failure || (error instanceof DOMException && error.name === "AbortError")) throw error;
    throw new Failure(offline());
  }
  if (!complete) throw new Failure(offline());
}
