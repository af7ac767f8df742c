// The conversations of this browser: what is shown, and everything that can be done to it.
import { SvelteMap } from "svelte/reactivity";
import { askedFields, spoken } from "../tools/calls.ts";
import { checkTools } from "../tools/define.ts";
import { checkSchema } from "../tools/json.ts";
import * as db from "./db.ts";
import { Live } from "./live.svelte.ts";
import { server } from "./server.svelte.ts";
import { keepSettings, settings } from "./settings.svelte.ts";
import type { Whole } from "./transfer.ts";
import { childrenOf, newestLeaf, pathTo, subtree } from "./tree.ts";
import {
  newId, NO_SCHEMA, NO_TOOLS, type AskedSchema, type AskedTools, type Attachment, type Conversation, type Message, type Sampling,
  type ToolResult,
} from "./types.ts";

/** A running answer is saved this often, so that a closed tab loses little. */
const SAVE_EVERY_MS = 1000;
const TITLE_CHARS = 60;

/** Plain copies: what is kept in the database and sent between tabs must be no proxy. */
const plain = <T>(value: T): T => $state.snapshot(value) as T;

interface Draft {
  system: string;
  sampling: Sampling;
  tools: AskedTools;
  schema: AskedSchema;
}

class Chats {
  list = $state.raw<Conversation[]>([]);
  currentId = $state<string | null>(null);
  /** Messages of the current conversation, in every branch. */
  messages = $state.raw<ReadonlyMap<string, Message>>(new Map());
  live = new SvelteMap<string, Live>();
  /** The settings of a conversation that has no message yet. */
  draft = $state<Draft>({ system: settings.system, sampling: { ...settings.sampling }, tools: NO_TOOLS, schema: NO_SCHEMA });
  ready = $state(false);
  /** Why nothing is kept, where the browser keeps nothing. */
  storageProblem = $state<string | null>(null);

  current = $derived(this.list.find((one) => one.id === this.currentId) ?? null);
  children = $derived(childrenOf(this.messages.values()));
  path = $derived(pathTo(this.current?.leaf ?? null, this.messages));
  /** The answer being written in the current conversation. */
  running = $derived([...this.live.values()].find((live) => live.conversation === this.currentId) ?? null);

  #channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("gollum");

  async start(): Promise<void> {
    this.#channel?.addEventListener("message", () => void this.#reload());
    try {
      this.list = sorted(await db.allConversations());
    } catch (error) {
      this.storageProblem = error instanceof Error ? error.message : String(error);
    }
    this.ready = true;
  }

  async #reload(): Promise<void> {
    this.list = sorted(await db.allConversations());
    const id = this.currentId;
    if (id === null || this.running) return;
    if (!this.list.some((one) => one.id === id)) return this.open(null);
    this.#show(id, await db.messagesOf(id));
  }

  #show(id: string, messages: Message[]): void {
    if (this.currentId === id) this.messages = new Map(messages.map((message) => [message.id, message]));
  }

  async open(id: string | null): Promise<void> {
    this.currentId = id !== null && this.list.some((one) => one.id === id) ? id : null;
    this.messages = new Map();
    if (this.currentId === null) return;
    const messages = await db.messagesOf(this.currentId).catch(() => []);
    const lost = messages.filter((message) => message.role === "assistant" && message.ended === undefined && !this.live.has(message.id));
    for (const message of lost) {
      // Another tab may be writing it: then it has been saved within the last moments.
      if (Date.now() - (this.list.find((one) => one.id === id)?.updated ?? 0) > 5 * SAVE_EVERY_MS) message.ended = "cut";
    }
    this.#show(this.currentId, messages);
  }

  #put(conversation: Conversation, ...messages: Message[]): void {
    this.list = sorted([...this.list.filter((one) => one.id !== conversation.id), conversation]);
    if (messages.length > 0 && this.currentId === conversation.id) {
      const all = new Map(this.messages);
      for (const message of messages) all.set(message.id, message);
      this.messages = all;
    }
  }

  async #save(conversation: Conversation, ...messages: Message[]): Promise<void> {
    try {
      await db.save([plain(conversation)], messages.map(plain));
      this.#channel?.postMessage(conversation.id);
    } catch (error) {
      this.storageProblem = error instanceof Error ? error.message : String(error);
    }
  }

  async #change(id: string, change: Partial<Conversation>, ...messages: Message[]): Promise<Conversation | null> {
    const found = this.list.find((one) => one.id === id);
    if (!found) return null;
    const changed = { ...found, ...change };
    this.#put(changed, ...messages);
    await this.#save(changed, ...messages);
    return changed;
  }

  rename = (id: string, title: string) => this.#change(id, { title: title.trim().slice(0, 200) || "Untitled", named: true });
  pin = (id: string, pinned: boolean) => this.#change(id, { pinned });

  /** Changes system prompt or sampling, here and for chats that begin later. */
  async configure(change: { system?: string; sampling?: Sampling }): Promise<void> {
    this.draft = { ...this.draft, ...change };
    Object.assign(settings, change);
    keepSettings();
    if (this.currentId) await this.#change(this.currentId, change);
  }

  /** Changes what answers may call and the form they have, in this conversation alone: the next begins without. */
  async ask(change: { tools?: AskedTools; schema?: AskedSchema }): Promise<void> {
    if (this.currentId) await this.#change(this.currentId, change);
    else this.draft = { ...this.draft, ...change };
  }

  system = $derived(this.current?.system ?? this.draft.system);
  sampling = $derived(this.current?.sampling ?? this.draft.sampling);
  tools = $derived(this.current ? (this.current.tools ?? NO_TOOLS) : this.draft.tools);
  schema = $derived(this.current ? (this.current.schema ?? NO_SCHEMA) : this.draft.schema);
  /** What is wrong with the tools or the schema: until it is mended, nothing is sent. */
  toolsMistake = $derived(checkTools(this.tools.text).mistake);
  schemaMistake = $derived(this.schema.on ? checkSchema(this.schema.text).mistake : undefined);

  /** Begins a conversation, or goes on in the current one. Returns its id. */
  async send(text: string, attachments: Attachment[] = []): Promise<string> {
    let conversation = this.current;
    if (!conversation) {
      const now = Date.now();
      const title = titleOf(text || attachments[0]?.name || "");
      conversation = {
        id: newId(), title, named: false, pinned: false, created: now, updated: now, leaf: null,
        model: null, ...plain(this.draft),
      };
      this.draft = { ...this.draft, tools: NO_TOOLS, schema: NO_SCHEMA };
      this.messages = new Map();
      this.#put(conversation);
      this.currentId = conversation.id;
    }
    await this.#say(conversation, conversation.leaf, text, attachments);
    return conversation.id;
  }

  async #say(conversation: Conversation, parent: string | null, text: string, attachments: Attachment[]): Promise<void> {
    const said: Message = { id: newId(), conversation: conversation.id, parent, role: "user", text, created: Date.now() };
    if (attachments.length > 0) said.attachments = attachments;
    await this.#change(conversation.id, { leaf: said.id, updated: said.created }, said);
    await this.#answer(conversation.id, said.id);
  }

  /** Says something else at that place: a new branch. An answer that is edited is only changed. */
  async edit(message: Message, text: string): Promise<void> {
    const conversation = this.current;
    if (!conversation) return;
    if (message.role === "user") return this.#say(conversation, message.parent, text, message.attachments ?? []);
    const edited: Message = { ...message, id: newId(), text, created: Date.now(), ended: "stop" };
    delete edited.figures;
    await this.#change(conversation.id, { leaf: edited.id, updated: edited.created }, edited);
  }

  /** Tells the model what came of the calls that `parent` makes. Told otherwise before, it is a new branch. */
  async giveResults(parent: string, results: ToolResult[]): Promise<void> {
    const id = this.currentId;
    if (!id) return;
    const told: Message = { id: newId(), conversation: id, parent, role: "tool", text: "", results, created: Date.now() };
    await this.#change(id, { leaf: told.id, updated: told.created }, told);
    await this.#answer(id, told.id);
  }

  /** Answers once more: a new branch beside `message`, which is an answer or what was said last. */
  async regenerate(message: Message): Promise<void> {
    if (!this.currentId) return;
    const failed = message.role === "assistant" && message.ended === "error" && message.text === "" && !message.calls;
    if (failed) await this.#forget([message.id]);
    const parent = message.role === "assistant" ? message.parent : message.id;
    if (parent !== null) await this.#answer(this.currentId, parent);
  }

  /** Lets an answer go on from where it ended. */
  async goOn(message: Message): Promise<void> {
    if (this.currentId) await this.#answer(this.currentId, message.parent, message);
  }

  /** Shows the branch beside `message`, `by` places further. */
  async step(message: Message, by: number): Promise<void> {
    const siblings = this.children.get(message.parent) ?? [];
    const to = siblings[siblings.findIndex((one) => one.id === message.id) + by];
    if (to && this.currentId) await this.#change(this.currentId, { leaf: newestLeaf(to.id, this.children) });
  }

  async deleteMessage(message: Message): Promise<void> {
    await this.#forget(subtree(message.id, this.children), message.parent);
  }

  async #forget(ids: string[], leaf?: string | null): Promise<void> {
    const conversation = this.current;
    if (!conversation) return;
    for (const id of ids) this.live.get(id)?.stop();
    const all = new Map(this.messages);
    ids.forEach((id) => all.delete(id));
    const children = childrenOf(all.values());
    const siblings = leaf === undefined ? [] : (children.get(leaf) ?? []);
    const next = siblings.at(-1);
    const changed = { ...conversation, leaf: next ? newestLeaf(next.id, children) : (leaf ?? conversation.leaf) };
    this.messages = all;
    this.#put(changed);
    await db.removeMessages(plain(changed), ids).catch(() => undefined);
    this.#channel?.postMessage(conversation.id);
  }

  /** What the server is asked for the branch that ends at `leaf`. */
  #body(conversation: Conversation, leaf: string | null, goesOn: Message | null): object {
    const path = pathTo(leaf, this.messages);
    const behindResults = path.at(-1)?.role === "tool";
    if (goesOn) path.push(goesOn);
    const messages = spoken(path, goesOn);
    if (conversation.system.trim()) messages.unshift({ role: "system", content: conversation.system });
    return {
      model: server.chosen?.id, messages, stream: true, stream_options: { include_usage: true },
      ...plain(conversation.sampling),
      ...askedFields(conversation.tools ?? NO_TOOLS, conversation.schema ?? NO_SCHEMA, behindResults),
      ...(goesOn ? { continue_final_message: true, add_generation_prompt: false } : {}),
    };
  }

  async #answer(id: string, parent: string | null, goesOn: Message | null = null): Promise<void> {
    const conversation = this.list.find((one) => one.id === id);
    if (!conversation) return;
    const body = this.#body(conversation, parent, goesOn);
    const model = server.chosen?.id;
    let answer: Message = goesOn ?? { id: newId(), conversation: id, parent, role: "assistant", text: "", created: Date.now() };
    answer = { ...answer, ...(model ? { model } : {}), ...(conversation.schema?.on ? { json: true } : {}) };
    delete answer.ended;
    delete answer.problem;
    const live = new Live(answer.id, id, answer.text);
    this.live.set(answer.id, live);
    await this.#change(id, { leaf: answer.id, updated: Date.now(), model: model ?? null }, answer);
    if (server.find(model)?.loaded === false) void server.follow(() => this.live.has(answer.id));
    let savedAt = performance.now();
    const became = await live.run(body, () => {
      if (performance.now() - savedAt < SAVE_EVERY_MS) return;
      savedAt = performance.now();
      const found = this.list.find((one) => one.id === id);
      if (found) void this.#save({ ...found, updated: Date.now() }, { ...answer, text: live.text, ...(live.calls.length > 0 ? { calls: live.calls } : {}) });
    });
    answer = { ...answer, ...became };
    // The conversation may have been deleted meanwhile.
    if (this.list.some((one) => one.id === id)) await this.#change(id, { updated: Date.now() }, answer);
    this.live.delete(answer.id);
    if (answer.problem) server.noteProblem(answer.problem);
    if (server.find(model)?.loaded === false) await server.refresh();
    void server.refreshLoad();
  }

  async whole(id: string): Promise<Whole | null> {
    const conversation = this.list.find((one) => one.id === id);
    return conversation ? { conversation: plain(conversation), messages: await db.messagesOf(id) } : null;
  }

  async everything(): Promise<Whole[]> {
    const all = await Promise.all(this.list.map((one) => this.whole(one.id)));
    return all.filter((one) => one !== null);
  }

  async add(all: Whole[]): Promise<void> {
    await db.save(all.map((one) => one.conversation), all.flatMap((one) => one.messages));
    this.list = sorted([...this.list, ...all.map((one) => one.conversation)]);
    this.#channel?.postMessage("");
  }

  /** Deletes a conversation, and returns what brings it back. */
  async delete(id: string): Promise<() => Promise<void>> {
    for (const live of this.live.values()) if (live.conversation === id) live.stop();
    const whole = await this.whole(id);
    this.list = this.list.filter((one) => one.id !== id);
    if (whole) await db.remove(id, whole.messages.map((message) => message.id));
    if (this.currentId === id) await this.open(null);
    this.#channel?.postMessage(id);
    return async () => { if (whole) await this.add([whole]); };
  }
}

function sorted(list: Conversation[]): Conversation[] {
  return list.sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.updated - a.updated);
}

function titleOf(text: string): string {
  const line = text.trim().replace(/\s+/g, " ");
  if (line.length <= TITLE_CHARS) return line || "New chat";
  const cut = line.slice(0, TITLE_CHARS);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 30))}…`;
}

export const chats = new Chats();
