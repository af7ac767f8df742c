// An answer that is being written.
import { chat, Failure, type Usage } from "../api/client.ts";
import { withDelta } from "../tools/calls.ts";
import type { Figures, Message, Problem, ToolCall } from "./types.ts";

/** Time that arriving text takes in one go at most; a frame has 16 ms. */
const MAX_TURN_MS = 8;

export class Live {
  text = $state("");
  reasoning = $state("");
  calls = $state.raw<ToolCall[]>([]);
  /** Pieces so far: about as many tokens. */
  pieces = $state(0);
  firstAt = $state(0);
  /** Whether it may be a call that is written: calls come once they are whole. */
  mayCall = $state(false);
  readonly startedAt = performance.now();
  readonly #abort = new AbortController();
  #pendingText = "";
  #pendingReasoning = "";
  #pendingCalls: ToolCall[] = [];
  #pendingPieces = 0;
  #flushing = false;

  constructor(readonly id: string, readonly conversation: string, readonly before: string) {
    this.text = before;
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Text arrives faster than a screen is drawn: it is shown once a frame. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    const flush = (): void => {
      this.#flushing = false;
      this.flush();
    };
    // Hidden tabs draw no frames.
    if (document.hidden) setTimeout(flush, 200);
    else requestAnimationFrame(flush);
  }

  flush(): void {
    if (this.#pendingText) this.text += this.#pendingText;
    if (this.#pendingReasoning) this.reasoning += this.#pendingReasoning;
    if (this.#pendingCalls !== this.calls) this.calls = this.#pendingCalls;
    if (this.#pendingPieces) this.pieces += this.#pendingPieces;
    this.#pendingText = this.#pendingReasoning = "";
    this.#pendingPieces = 0;
  }

  /** Asks, and returns what the message becomes. `onText` is called as text arrives. */
  async run(body: object, onText: () => void): Promise<Partial<Message>> {
    this.mayCall = "tools" in body;
    let usage: Usage | undefined;
    let requestId = "";
    let ended: Message["ended"] = "error";
    let problem: Problem | undefined;
    let restedAt = performance.now();
    try {
      for await (const piece of chat(body, this.#abort.signal, (id) => { requestId = id; })) {
        if (piece.usage) usage = piece.usage;
        if (piece.finished) ended = piece.finished === "length" ? "length" : this.#pendingCalls.length > 0 ? "calls" : "stop";
        if (!piece.text && !piece.reasoning && !piece.calls) continue;
        this.firstAt ||= performance.now();
        this.#pendingText += piece.text ?? "";
        this.#pendingReasoning += piece.reasoning ?? "";
        for (const delta of piece.calls ?? []) this.#pendingCalls = withDelta(this.#pendingCalls, delta);
        this.#pendingPieces += 1;
        this.#flushSoon();
        onText();
        // Pieces that have arrived already follow each other without a pause: the page takes its turn between them.
        if (performance.now() - restedAt > MAX_TURN_MS) {
          await new Promise((resolve) => setTimeout(resolve));
          restedAt = performance.now();
        }
      }
    } catch (error) {
      if (error instanceof Failure) problem = error.problem;
      else if (error instanceof DOMException && error.name === "AbortError") ended = "stopped";
      else throw error;
    }
    this.flush();
    return {
      text: this.text, ended,
      ...(this.reasoning ? { reasoning: this.reasoning } : {}),
      ...(this.calls.length > 0 ? { calls: this.calls } : {}),
      ...(problem ? { problem, ended: "error" as const } : {}),
      ...(this.firstAt || usage ? { figures: this.#figures(usage, requestId) } : {}),
    };
  }

  #figures(usage: Usage | undefined, requestId: string): Figures {
    const now = performance.now();
    return {
      promptTokens: usage?.prompt_tokens ?? 0,
      cachedTokens: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      answerTokens: usage?.completion_tokens ?? this.pieces,
      firstMs: (this.firstAt || now) - this.startedAt,
      restMs: this.firstAt ? now - this.firstAt : 0,
      replayed: usage?.prompt_tokens_details?.prompt_cache_hit === true,
      requestId,
    };
  }
}
