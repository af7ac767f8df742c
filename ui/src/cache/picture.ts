// What `/debug/kv` and `/debug/requests` say.
import { call } from "../api/client.ts";
import { events } from "../api/events.ts";
import type { Node } from "./branches.ts";

export interface Sequence {
  id: string;
  phase: string;
  tokens: number;
  computed: number;
  block_table: number[];
  window_table: number[];
}

export interface ModelPicture {
  page_tokens: number;
  /** One letter a page: `.` free, `H` held, `c` cached. */
  pages: string;
  /** Likewise, of the layers with a window; none in models without such layers. */
  window_pages: string;
  tree: Node[];
  tree_left_out: number;
  sequences: Sequence[];
}

export interface Picture {
  models: Record<string, ModelPicture | null>;
  recent: { id: string; model: string }[];
}

/** Pictures as they change, until `signal`. Errors: those of [`call`]. */
export async function* pictures(signal: AbortSignal): AsyncGenerator<Picture> {
  while (!signal.aborted) {
    const response = await call("debug/kv", { headers: { accept: "text/event-stream" }, signal });
    if (!response.body) return;
    for await (const data of events(response.body)) yield JSON.parse(data) as Picture;
  }
}

/** What `/debug/requests/{id}` says of one answer. */
export interface Explained {
  id: string;
  model: string;
  phase: string;
  queue_us: number | null;
  followed: string | null;
  prefill_us: number | null;
  decode_us: number | null;
  ttft_us: number | null;
  total_us: number | null;
  prefix: {
    matched_tokens: number; shared_tokens: number; copied_tokens: number; from: string | null;
    parted_at: { cached: { id: number; text: string } | null; prompt: { id: number; text: string } | null };
  } | null;
  chunks: number[];
  preemptions: number;
  steps: number;
  batch: { max: number; mean: number };
  usage: { prompt_tokens: number; cached_tokens: number; completion_tokens: number };
  prompt_cache_hit: boolean;
}

export async function explain(id: string): Promise<Explained[]> {
  const found = (await (await call(`debug/requests/${encodeURIComponent(id)}`)).json()) as { requests: Explained[] };
  return found.requests;
}
