// Tools and forms of the page, without a browser: what is typed, computed, streamed, sent, kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, toJson, toMarkdown } from "../src/store/transfer.ts";
import type { Message, ToolCall } from "../src/store/types.ts";
import { compute } from "../src/tools/builtin.ts";
import { calculate } from "../src/tools/calculate.ts";
import { askedFields, spoken, withDelta } from "../src/tools/calls.ts";
import { checkTools, EXAMPLES, withTool } from "../src/tools/define.ts";
import { checkSchema, isJson, layOut } from "../src/tools/json.ts";

test("a list of tools is read, or its mistake told", () => {
  const names = (text: string) => checkTools(text).value?.map(({ name }) => name);
  assert.deepEqual(names(""), []);
  assert.deepEqual(names('{"name":"a"}'), ["a"]);
  assert.deepEqual(names('[{"type":"function","function":{"name":"a"}},{"name":"b","parameters":{"properties":{"x":{}},"required":["x"]}}]'), ["a", "b"]);
  const check = (text: string, reason: RegExp) => assert.match(checkTools(text).mistake ?? "", reason, text);
  check('[{"name":"a"}', /^It is not JSON: /);
  check('"a"', /no object/);
  check("[{}]", /`name` is missing/);
  check('{"name":"a b"}', /`a b`: up to 64/);
  check('{"name":"a","paramters":{}}', /`paramters` is no field/);
  check('{"name":"a","description":1}', /no text/);
  check('{"name":"a","parameters":[]}', /no JSON schema/);
  check('{"name":"a","parameters":{"type":"string"}}', /has to be `object`/);
  check('{"name":"a","parameters":{"properties":{},"required":["x"]}}', /names "x"/);
  check('[{"name":"a"},{"name":"a"}]', /^Tool 2: there is a `a` already/);
  check(`[${Array.from({ length: 129 }, (_, at) => `{"name":"t${at}"}`)}]`, /129 tools/);
});

test("each example is a tool, and can be added", () => {
  let text = "";
  for (const { label: _, ...example } of EXAMPLES) text = withTool(text, example) ?? "";
  assert.equal(checkTools(text).value?.length, EXAMPLES.length);
  assert.equal(withTool("{", EXAMPLES[0]!), null, "what has a mistake stays as it was typed");
});

test("arithmetic is read, and nothing runs", () => {
  const check = (text: string, value: number) => assert.equal(calculate(text), value, text);
  check("2 * (3 + 4)", 14);
  check("-2^2", -4);
  check("2^3^2", 512);
  check("10 - 3 - 2", 5);
  check("2**-1", 0.5);
  check("7 % 4 / 3", 1);
  check("sqrt(16) + max(1, 2, .5e1)", 9);
  check("2 × 3 ÷ 4 − 1", 0.5);
  check("round(pi * 100)", 314);
  const fails = (text: string, reason: RegExp) => assert.throws(() => calculate(text), reason, text);
  fails("", /the end/);
  fails("1 / 0", /division by zero/);
  fails("1 +", /the end/);
  fails("(1", /`\)` is missing before the end/);
  fails("1 2", /`2` is not understood/);
  fails("constructor(1)", /`constructor` is not understood/);
  fails("alert(1)", /`alert` is not understood/);
  fails("window.x = 1", /not understood/);
  fails("ln(0)", /no number/);
  fails("9^9^9", /no number/);
  fails("(".repeat(200), /50 deep/);
  fails("-".repeat(200), /50 deep/);
  fails("1".repeat(501), /longer than 500/);
});

test("the page's own tools answer with JSON, errors too", () => {
  const noon = new Date("2026-03-01T12:00:00Z");
  assert.equal(compute("calculator", '{"expression":"6*7"}', noon), '{"result":42}');
  assert.match(compute("calculator", '{"expression":"6*"}', noon) ?? "", /"error":/);
  assert.match(compute("calculator", "{}", noon) ?? "", /`expression` is missing/);
  assert.match(compute("current_time", '{"time_zone":"Europe/Paris"}', noon) ?? "", /1 March 2026 at 13:00:00.*Europe\/Paris.*1772366400/);
  assert.match(compute("current_time", '{"time_zone":"Middle/Earth"}', noon) ?? "", /no time zone `Middle\/Earth`/);
  for (const [name, given] of [["get_weather", "{}"], ["constructor", "{}"], ["calculator", "{"], ["calculator", "[1]"]]) assert.equal(compute(name!, given!, noon), null);
});

test("JSON is laid out without a change of what it says", () => {
  const check = (text: string, expected: string) => assert.equal(layOut(text), expected, text);
  check('{"a":[1,{}],"b":{"c":"x: {,}"}}', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": {\n    "c": "x: {,}"\n  }\n}');
  check('{ "n" : 12345678901234567890, "n": 1.0 }', '{\n  "n": 12345678901234567890,\n  "n": 1.0\n}');
  check("[]", "[]");
  check('{"a\\"b', '{\n  "a\\"b');
  check('{"a":"x\\', '{\n  "a": "x\\');
  check("}}", "}\n}");
  const tool = '{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"number"},"b":[]},"required":["a","b"]}}';
  assert.equal(layOut(tool, 60), '{\n  "name": "add",\n  "parameters": {\n    "type": "object",\n    "properties": { "a": { "type": "number" }, "b": [] },\n    "required": ["a", "b"]\n  }\n}');
  assert.equal(layOut(layOut(tool, 60), 60), layOut(tool, 60));
  const deep = "[".repeat(3000) + "]".repeat(3000);
  assert.equal(layOut(deep).replaceAll(/\s/g, ""), deep);
  // What is laid out once stays so, and every beginning of it is a beginning.
  const text = '{"name":"Bilbo","age":111,"likes":["rings","tea"],"home":{"door":"round"}}';
  assert.equal(layOut(layOut(text)), layOut(text));
  for (let at = 1; at <= text.length; at += 1) assert.ok(layOut(text).replaceAll(/\s/g, "").startsWith(layOut(text.slice(0, at)).replaceAll(/\s/g, "")));
  assert.deepEqual(["{}", "[1]", '"x"', "{x}", "[some text]"].map(isJson), [true, true, false, false, false]);
});

test("calls arrive in pieces", () => {
  const deltas = [
    { index: 0, id: "c0", function: { name: "add", arguments: "" } }, { index: 0, function: { arguments: '{"a"' } },
    { index: 0, id: "other", function: { arguments: ":1}" } }, { index: 1, id: "c1", function: { name: "now", arguments: "{}" } },
    { index: 5, id: "c5", function: { name: "gap" } }, { index: -1, id: "x" },
  ];
  const calls = deltas.reduce<ToolCall[]>((all, delta) => withDelta(all, delta), []);
  assert.deepEqual(calls, [{ id: "c0", name: "add", arguments: '{"a":1}' }, { id: "c1", name: "now", arguments: "{}" }]);
});

const TOLD: Message[] = [
  { id: "u", conversation: "c", parent: null, role: "user", text: "How much?", created: 1 },
  { id: "a", conversation: "c", parent: "u", role: "assistant", text: "", calls: [{ id: "c0", name: "add", arguments: '{"a":1}' }, { id: "c1", name: "now", arguments: "{}" }], ended: "calls", created: 2 },
  { id: "t", conversation: "c", parent: "a", role: "tool", text: "", results: [{ id: "c0", name: "add", text: "2" }, { id: "c1", name: "now", text: "```noon" }], created: 3 },
  { id: "b", conversation: "c", parent: "t", role: "assistant", text: '{"sum":2}', json: true, ended: "stop", created: 4 },
];

test("a conversation with calls is told as the API has it", () => {
  assert.deepEqual(spoken(TOLD, null), [
    { role: "user", content: "How much?" },
    { role: "assistant", content: null, tool_calls: [{ id: "c0", type: "function", function: { name: "add", arguments: '{"a":1}' } }, { id: "c1", type: "function", function: { name: "now", arguments: "{}" } }] },
    { role: "tool", tool_call_id: "c0", content: "2" },
    { role: "tool", tool_call_id: "c1", content: "```noon" },
    { role: "assistant", content: '{"sum":2}' },
  ]);
});

test("tools and forms become fields, and a forced call is forced once", () => {
  const text = '[{"name":"add"}]';
  const off = { text: "", on: false };
  const choice = (given: "auto" | "none" | "required" | { name: string }, behindResults = false) =>
    (askedFields({ text, choice: given, parallel: false }, off, behindResults) as { tool_choice: unknown }).tool_choice;
  assert.deepEqual(["auto", "none", "required"].map((word) => choice(word as "auto")), ["auto", "none", "required"]);
  assert.deepEqual(choice({ name: "add" }), { type: "function", function: { name: "add" } });
  assert.equal(choice({ name: "gone" }), "auto");
  assert.deepEqual([choice("required", true), choice({ name: "add" }, true), choice("none", true)], ["auto", "auto", "none"]);
  assert.deepEqual(askedFields({ text: "", choice: "required", parallel: true }, off, false), {});
  const form = (schema: string) => askedFields({ text: "", choice: "auto", parallel: false }, { text: schema, on: true }, false);
  assert.deepEqual(form(""), { response_format: { type: "json_object" } });
  assert.deepEqual(form('{"type":"object"}'), { response_format: { type: "json_schema", json_schema: { name: "answer", schema: { type: "object" } } } });
  assert.match(checkSchema("[]").mistake ?? "", /is an object/);
});

test("calls, results and forms outlive a file, and are read in Markdown", () => {
  const tools = { text: '[{"name":"add"}]', choice: { name: "add" }, parallel: true };
  const schema = { text: "{}", on: true };
  const conversation = { id: "c", title: "T", named: false, pinned: false, created: 1, updated: 1, model: null, system: "", sampling: {}, leaf: "b", tools, schema };
  const [again] = fromJson(toJson([{ conversation, messages: TOLD }]));
  assert.deepEqual([again!.conversation.tools, again!.conversation.schema], [tools, schema]);
  const kept = ({ role, text, calls, results, json, ended }: Message) => ({ role, text, calls, results, json, ended });
  assert.deepEqual(again!.messages.map(kept), TOLD.map(kept));
  assert.equal(toMarkdown({ conversation, messages: TOLD }).trim(), [
    "# T", "## You", "How much?", "## Model", 'Calls add:\n```json\n{\n  "a": 1\n}\n```', "Calls now:\n```json\n{}\n```",
    "## Results", "add:\n```\n2\n```", "now:\n````\n```noon\n````", "## Model", '```json\n{\n  "sum": 2\n}\n```',
  ].join("\n\n"));
  const file = (message: object) => JSON.stringify({ format: "gollum-conversations", version: 1, conversations: [{ messages: [{ id: "a", role: "tool", text: "", ...message }] }] });
  assert.throws(() => fromJson(file({ calls: {} })), /`calls` is no list/);
  assert.throws(() => fromJson(JSON.stringify({ format: "gollum-conversations", version: 1, conversations: [{ messages: [], tools: { text: " ".repeat(200_001) } }] })), /longer than 200000/);
  assert.throws(() => fromJson(file({ calls: [{ id: "x", name: "y" }] })), /a call's `arguments` is no text/);
  assert.throws(() => fromJson(file({ results: Array(200).fill({}) })), /more than 128/);
});
