// The page's parts that need no browser; bundled to JavaScript first (`npm test`).
import assert from "node:assert/strict";
import { test } from "node:test";
import { branches } from "../src/cache/branches.ts";
import { between, byModel, parse as parseMetrics, quantile } from "../src/dashboard/metrics.ts";
import { parse, plainText, safeHref } from "../src/markdown/blocks.ts";
import { splitThinking } from "../src/markdown/thinking.ts";
import { fromJson, toJson, toMarkdown, withAttachments } from "../src/store/transfer.ts";
import { childrenOf, newestLeaf, pathTo, subtree } from "../src/store/tree.ts";
import type { Message } from "../src/store/types.ts";

const message = (id: string, parent: string | null, created: number): Message =>
  ({ id, conversation: "c", parent, role: "user", text: id, created });

test("branches are followed, and circles end", () => {
  const all = [message("a", null, 1), message("b", "a", 2), message("c", "a", 3), message("d", "c", 4)];
  const children = childrenOf(all);
  const byId = new Map(all.map((one) => [one.id, one]));
  assert.deepEqual(pathTo("d", byId).map((one) => one.id), ["a", "c", "d"]);
  assert.equal(newestLeaf("a", children), "d");
  assert.deepEqual(subtree("c", children), ["c", "d"]);
  const circle = new Map([["x", message("x", "y", 1)], ["y", message("y", "x", 2)]]);
  assert.equal(pathTo("x", circle).length, 2);
});

test("text that grows is parsed as if it had come at once", () => {
  const text = "# One\n\nA *b* and\n- x\n- y\n  - z\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rs\nfn x() {}\n\n```\n\n> q\n\n$$x^2$$\n\nend [l](https://e.org) $a+b$ costs $5 and $6.\n";
  const whole = parse(text).tokens;
  for (const size of [1, 3, 7, 50]) {
    let grown: ReturnType<typeof parse> | null = null;
    for (let at = size; at < text.length + size; at += size) grown = parse(text.slice(0, at), grown);
    assert.deepEqual(grown?.tokens.map((token) => token.raw), whole.map((token) => token.raw), `${size} at a time`);
  }
});

test("addresses and references", () => {
  for (const bad of ["javascript:x", " JaVaScript:x", "java\tscript:x", "data:text/html,x", "vbscript:x", "file:///x", "x", ""]) assert.equal(safeHref(bad), null, bad);
  for (const good of ["https://e.org/a?b#c", "http://e.org", "mailto:a@e.org"]) assert.equal(safeHref(good), good);
  assert.equal(plainText("a &lt;b&gt; &amp;amp; &#65;&#x42; &nope; &#99999999;"), "a <b> &amp; AB &nope; &#99999999;");
});

test("thoughts are told from answers", () => {
  assert.deepEqual(splitThinking("<think>\nhm\n</think>\n\nYes"), { thinking: "hm", answer: "Yes", open: false });
  assert.deepEqual(splitThinking("<think>hm"), { thinking: "hm", answer: "", open: true });
  assert.deepEqual(splitThinking("no <think>x</think>"), { thinking: "", answer: "no <think>x</think>", open: false });
});

test("files that are no conversations are refused with a reason", () => {
  const file = (conversation: object) => JSON.stringify({ format: "gollum-conversations", version: 1, conversations: [conversation] });
  const check = (content: string, reason: RegExp) => assert.throws(() => fromJson(content), reason);
  check("x", /not JSON/);
  check("[]", /no object/);
  check("{}", /no conversations of this page/);
  check(file({ messages: 5 }), /no list/);
  check(file({ messages: [{ id: "a", role: "system", text: "" }] }), /neither user, assistant nor tool/);
  check(file({ messages: [{ id: "a", role: "user", text: 5 }] }), /no text/);
  check(file({ title: "x".repeat(301), messages: [] }), /longer than 300/);
  check(file({ messages: [{ id: "a", role: "user", text: "", parent: "b" }, { id: "b", role: "user", text: "", parent: "a" }] }), /circle/);
  const [whole] = fromJson(file({ title: "T", messages: [{ id: "a", role: "user", text: "Hi", parent: "nobody", __proto__: null }], leaf: "a" }));
  assert.equal(whole!.messages[0]!.parent, null);
  assert.equal(fromJson(toJson([whole!]))[0]!.conversation.title, "T");
  assert.match(toMarkdown(whole!), /# T\n\n## You\n\nHi/);
  assert.equal(withAttachments({ text: "see", attachments: [{ name: "a.md", text: "```\nx\n```\n" }] }), "a.md:\n````\n```\nx\n```\n````\n\nsee");
});

test("metrics are read, and quantiles lie where Prometheus has them", () => {
  const page = "# TYPE gollum_x histogram\ngollum_x_bucket{model_name=\"a\\\"b\",le=\"1\"} 10\ngollum_x_bucket{model_name=\"a\\\"b\",le=\"2\"} 30\ngollum_x_bucket{model_name=\"a\\\"b\",le=\"+Inf\"} 40\ngollum_y{model_name=\"a\\\"b\"} 1.5\nvllm:y 3\n";
  const numbers = byModel(parseMetrics(page)).get("a\"b")!;
  assert.equal(numbers.values.get("y"), 1.5);
  const histogram = between(numbers.histograms.get("x"), undefined);
  assert.equal(quantile(histogram, 0.5), 1.5);
  assert.equal(quantile(histogram, 0.99), 2);
  assert.ok(Number.isNaN(quantile(between(numbers.histograms.get("x"), numbers.histograms.get("x")), 0.5)));
});

test("chains of pages are one branch", () => {
  const node = (page: number, parent: number | null, ref_count = 0) => ({ page, parent, tenant: 0, tokens: [1, 2], text: `p${page} `, ref_count });
  const found = branches([node(0, null), node(1, 0), node(2, 1), node(3, 1, 1), node(4, 3), node(9, 77)], 10);
  assert.deepEqual(found.map(({ pages, depth, tokens }) => ({ pages, depth, tokens })), [
    { pages: [0, 1], depth: 0, tokens: 4 }, { pages: [3, 4], depth: 1, tokens: 4 }, { pages: [2], depth: 1, tokens: 2 }, { pages: [9], depth: 0, tokens: 2 },
  ]);
});
