// What is known of the server: its models, and how busy it is.
import { loads, models, Failure, type Loads, type Model } from "../api/client.ts";
import type { Problem } from "./types.ts";
import { settings } from "./settings.svelte.ts";

/** How often the server is asked how busy it is, while the page can be seen. */
const ASK_EVERY_MS = 4000;

/** While a model loads, the list is asked for this often, and so many times at most: that is half an hour. */
const FOLLOW_EVERY_MS = 300;
const MAX_FOLLOWED = 6000;

class Server {
  models = $state.raw<Model[]>([]);
  /** The command that fetches a better model, where the server knows one. */
  advice = $state<string | null>(null);
  load = $state.raw<Loads | null>(null);
  problem = $state.raw<Problem | null>(null);
  asked = $state(false);
  wantsKey = $state(false);

  /** The model that the page shows: the chosen one, else the server's default. */
  chosen = $derived(this.models.find((model) => model.id === settings.model) ?? this.models[0]);

  #following = false;
  #isWanted = (): boolean => false;

  /** Watches a model load: until none does any more, and `isWanted` has no need of one. */
  async follow(isWanted?: () => boolean): Promise<void> {
    if (isWanted) this.#isWanted = isWanted;
    if (this.#following) return;
    this.#following = true;
    const goesOn = (): boolean => this.models.some(isLoading) || (this.#isWanted() && this.chosen?.loaded === false);
    for (let asked = 0; asked < MAX_FOLLOWED && this.problem === null; asked += 1) {
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_EVERY_MS));
      if (document.hidden) continue;
      await this.#list();
      if (!goesOn()) break;
    }
    this.#following = false;
  }

  find(id: string | null | undefined): Model | undefined {
    return this.models.find((model) => model.id === id);
  }

  async refresh(): Promise<void> {
    await this.#list();
    if (this.models.some(isLoading)) void this.follow();
  }

  async #list(): Promise<void> {
    try {
      const found = await models();
      this.models = found.models;
      this.advice = found.advice;
      this.problem = null;
      this.wantsKey = false;
    } catch (error) {
      this.note(error);
    }
    this.asked = true;
  }

  async refreshLoad(): Promise<void> {
    if (document.hidden || this.wantsKey) return;
    const wasAway = this.problem !== null;
    try {
      this.load = await loads();
      if (wasAway) await this.refresh();
    } catch (error) {
      this.note(error);
    }
  }

  start(): () => void {
    void this.refresh();
    void this.refreshLoad();
    const timer = setInterval(() => void this.refreshLoad(), ASK_EVERY_MS);
    const seen = (): void => void this.refreshLoad();
    document.addEventListener("visibilitychange", seen);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }

  note(error: unknown): void {
    if (error instanceof Failure) this.noteProblem(error.problem);
  }

  noteProblem(problem: Problem): void {
    if (problem.kind === "key") this.wantsKey = true;
    if (problem.kind === "offline") this.load = null;
    if (problem.kind === "key" || problem.kind === "offline") this.problem = problem;
  }
}

export const server = new Server();

/** Models below this are for trying things out. */
const DEMO_WEIGHTS = 5e8;
export const isLoading = (model: Model): boolean => model.status?.value === "loading";
/** The share of its weights that are there. */
export const progressOf = (model: Model): number => model.status?.progress ?? 0;
export const isToy = (model: Model): boolean => model.size === 0;
export const isDemo = (model: Model): boolean => !isToy(model) && (model.weights ?? Infinity) < DEMO_WEIGHTS;
