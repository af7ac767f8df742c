// Calls and what was answered to them: how they arrive, and how the server is told of them.
import { splitThinking } from "../markdown/thinking.ts";
import { withAttachments } from "../store/transfer.ts";
import type { AskedSchema, AskedTools, Message, ToolCall } from "../store/types.ts";
import { checkTools } from "./define.ts";
import { checkSchema } from "./json.ts";

/** Calls of one answer at most; a server that sends more is none of ours. */
const MAX_CALLS = 128;

/** A piece of a call: the first names it, and each may bring more of its arguments. */
export interface CallDelta {
  index: number;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | null } | null;
}

/** The calls with one more piece. */
export function withDelta(calls: readonly ToolCall[], { index, id, function: piece }: CallDelta): ToolCall[] {
  if (!Number.isInteger(index) || index < 0 || index > calls.length || index >= MAX_CALLS) return [...calls];
  const before = calls[index] ?? { id: "", name: "", arguments: "" };
  const after = { id: before.id || (id ?? ""), name: before.name + (piece?.name ?? ""), arguments: before.arguments + (piece?.arguments ?? "") };
  return [...calls.slice(0, index), after, ...calls.slice(index + 1)];
}

/** A path's messages as the server reads them. `goesOn` is the answer that is to be continued, if one is. */
export function spoken(path: readonly Message[], goesOn: Message | null): object[] {
  return path.flatMap((message): object[] => {
    if (message.role === "user") return [{ role: "user", content: withAttachments(message) }];
    if (message.role === "tool") return (message.results ?? []).map(({ id, text }) => ({ role: "tool", tool_call_id: id, content: text }));
    const content = goesOn?.id === message.id ? message.text : splitThinking(message.text).answer;
    if (!message.calls?.length) return [{ role: "assistant", content }];
    const tool_calls = message.calls.map(({ id, name, arguments: given }) => ({ id, type: "function", function: { name, arguments: given } }));
    return [{ role: "assistant", content: content || null, tool_calls }];
  });
}

/**
 * The fields that ask for tools and for a form. A call is forced where somebody speaks: behind results the model is free, or it
 * could never answer.
 */
export function askedFields(tools: AskedTools, schema: AskedSchema, behindResults: boolean): object {
  return { ...toolFields(tools, behindResults), ...formFields(schema) };
}

function toolFields({ text, choice, parallel }: AskedTools, behindResults: boolean): object {
  const { value = [] } = checkTools(text);
  if (value.length === 0) return {};
  const tools = value.map((one) => ({ type: "function", function: one }));
  const isForced = choice === "required" || typeof choice === "object";
  const named = typeof choice === "object" && value.some(({ name }) => name === choice.name) ? { type: "function", function: choice } : "auto";
  return {
    tools,
    tool_choice: isForced && behindResults ? "auto" : typeof choice === "object" ? named : choice,
    ...(parallel ? { parallel_tool_calls: true } : {}),
  };
}

function formFields({ on, text }: AskedSchema): object {
  if (!on) return {};
  const { value: schema } = checkSchema(text);
  return { response_format: schema ? { type: "json_schema", json_schema: { name: "answer", schema } } : { type: "json_object" } };
}
