// Text is text: what a model, a user, a file's name or an imported file says never becomes markup that runs. And the
// page can be used by those who do not see it, or see it differently.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { browser, toy } from "./toy.js";
import { answers, say, visit, WAIT } from "./world.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RUN = "window.pwned=1";
// Ways in which markup runs scripts, and ways in which Markdown, formulas and files become markup.
const PAYLOADS = [
  `<script>${RUN}</script>`, `<SCRIPT SRC=data:text/javascript,${RUN}></SCRIPT>`, `<img src=x onerror=${RUN}>`, `<img src=x onerror="${RUN}">`,
  `<svg onload=${RUN}>`, `<svg><script>${RUN}</script></svg>`, `<svg><animate onbegin=${RUN} attributeName=x dur=1s>`, `<svg><set onbegin=${RUN}>`,
  `<body onload=${RUN}>`, `<iframe src="javascript:parent.${RUN}"></iframe>`, `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<object data="javascript:${RUN}"></object>`, `<embed src="javascript:${RUN}">`, `<a href="javascript:${RUN}">x</a>`,
  `<details open ontoggle=${RUN}>x</details>`, `<video><source onerror=${RUN}></video>`, `<audio src=x onerror=${RUN}>`,
  `<input autofocus onfocus=${RUN}>`, `<select autofocus onfocus=${RUN}>`, `<textarea autofocus onfocus=${RUN}>`,
  `<marquee onstart=${RUN}>x</marquee>`, `<form action="javascript:${RUN}"><button>x</button></form>`, `<button formaction="javascript:${RUN}">x</button>`,
  `<isindex action="javascript:${RUN}">`, `<math><a xlink:href="javascript:${RUN}">x</a></math>`, `<math><mtext></table><img src=x onerror=${RUN}></mtext></math>`,
  `<style>@import 'javascript:${RUN}';</style>`, `<link rel=stylesheet href="javascript:${RUN}">`, `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href="javascript:${RUN}//">`, `<template><script>${RUN}</script></template>`, `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<![CDATA[<script>${RUN}</script>]]>`, `<!--><img src=x onerror=${RUN}>-->`, `<x onclick=${RUN} tabindex=1 autofocus onfocus=${RUN}>x</x>`,
  `[x](javascript:${RUN})`, `[x](JaVaScRiPt:${RUN})`, `[x](java\tscript:${RUN})`, `[x](&#106;avascript:${RUN})`, `[x](data:text/html,<script>${RUN}</script>)`,
  `[x](vbscript:${RUN})`, `![x](javascript:${RUN})`, `![x"onerror="${RUN}](x)`, `![x](x "onerror=${RUN}")`, `[x]: javascript:${RUN}\n\n[x]`,
  `<javascript:${RUN}>`, `[x](<javascript:${RUN}>)`, `[<img src=x onerror=${RUN}>](https://example.org)`, `**<img src=x onerror=${RUN}>**`,
  `| <img src=x onerror=${RUN}> |\n| --- |\n| <script>${RUN}</script> |`, "```html\n<img src=x onerror=" + RUN + ">\n```", "```\"><img src=x onerror=" + RUN + ">\nx\n```",
  "`<img src=x onerror=" + RUN + ">`", `# <svg onload=${RUN}>`, `- <img src=x onerror=${RUN}>`, `> <script>${RUN}</script>`,
  `$$\\href{javascript:${RUN}}{x}$$`, `$\\text{<img src=x onerror=${RUN}>}$`, `\\(\\url{javascript:${RUN}}\\)`, `$$\\includegraphics{javascript:${RUN}}$$`,
  `$$\\class{x" onmouseover="${RUN}}{x}$$`, `&lt;img src=x onerror=${RUN}&gt;`, `&#60;script&#62;${RUN}&#60;/script&#62;`, `<think><img src=x onerror=${RUN}></think>x`,
];

/** What must not be there after a payload was shown. Handlers of our own are properties, never attributes. */
const findings = (page) => page.evaluate(async () => {
  for (const node of document.querySelectorAll(".message summary")) node.click();
  await new Promise((resolve) => setTimeout(resolve, 150));
  const found = window.pwned === undefined ? [] : ["it ran"];
  for (const node of document.querySelectorAll(".chat *, nav *")) {
    if (/^(script|img|iframe|object|embed|base|link|style|form|video|audio|meta|template)$/i.test(node.localName) && !node.matches("form.composer")) found.push(`<${node.localName}>`);
    for (const { name, value } of node.attributes) {
      if (/^on/i.test(name)) found.push(`${node.localName} ${name}`);
      if (/^(href|src|action|formaction|data|xlink:href)$/i.test(name) && /^\s*(javascript|data|vbscript):/i.test(value)) found.push(`${name}=${value}`);
    }
  }
  return found;
});

/** Every payload as one conversation file: its title, its messages, its model, its files' names, its tools, calls and results. */
const asFile = (payloads) => JSON.stringify({
  format: "gollum-conversations", version: 1,
  conversations: [{
    title: payloads[0], system: payloads[1], model: payloads[2], leaf: `t${payloads.length - 1}`,
    tools: { text: payloads[3], choice: { name: payloads[3] } }, schema: { text: payloads[3], on: true },
    messages: payloads.flatMap((text, at) => [
      { id: `u${at}`, parent: at > 0 ? `t${at - 1}` : null, role: "user", text, created: at * 2, attachments: [{ name: text, text }] },
      { id: `a${at}`, parent: `u${at}`, role: "assistant", text, model: text, reasoning: text, created: at * 2 + 1, ended: "calls", calls: [{ id: text, name: text, arguments: text }] },
      { id: `t${at}`, parent: `a${at}`, role: "tool", text: "", created: at * 2 + 1, results: [{ id: text, name: text, text }] },
    ]),
  }],
});

/** A conversation that waits for the results of two calls, and an answer in JSON. */
const CALLS = JSON.stringify({
  format: "gollum-conversations", version: 1,
  conversations: [{
    title: "What is it like outside?", leaf: "c", tools: { text: '[{"name":"get_weather"},{"name":"calculator"}]', choice: "auto" }, sampling: { max_tokens: 20 },
    messages: [
      { id: "a", parent: null, role: "assistant", text: '{"fine":true}', json: true, ended: "stop", created: 1 },
      { id: "b", parent: "a", role: "user", text: "What is it like outside?", created: 2 },
      { id: "c", parent: "b", role: "assistant", text: "", ended: "calls", created: 3, calls: [{ id: "1", name: "get_weather", arguments: '{"city":"Oslo"}' }, { id: "2", name: "calculator", arguments: '{"expression":"6*7"}' }] },
    ],
  }],
});

test(`${PAYLOADS.length} attacks run nowhere`, async () => {
  assert.ok(PAYLOADS.length >= 60);
  const { context, page, problems } = await visit(browser, toy.url);
  await page.locator("nav input[type=file]").setInputFiles({ name: `${PAYLOADS[2]}.json`, mimeType: "application/json", buffer: Buffer.from(asFile(PAYLOADS)) });
  await page.locator(".list li a").first().click();
  await page.waitForFunction((count) => document.querySelectorAll(".message").length === count, PAYLOADS.length * 3, WAIT);
  assert.deepEqual(await findings(page), [], "an imported file");
  // As the model's own words, which arrive in pieces.
  let at = 0;
  await page.route("**/v1/chat/completions", (route) => {
    const pieces = PAYLOADS[at].match(/.{1,7}/gs);
    const events = pieces.map((content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
    const called = (call) => ({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] }, finish_reason: null }] });
    events.push(called({ id: PAYLOADS[at], function: { name: PAYLOADS[at], arguments: "" } }));
    events.push(...pieces.map((piece) => called({ function: { arguments: piece } })));
    events.push({ choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] });
    const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("") + "data: [DONE]\n\n";
    return route.fulfill({ contentType: "text/event-stream", body });
  });
  for (at = 0; at < PAYLOADS.length; at += 1) {
    await page.evaluate(() => { location.hash = "#/"; });
    await page.waitForSelector(".welcome", WAIT);
    await page.locator(".composer input[type=file]").setInputFiles({ name: PAYLOADS[at].replaceAll("/", "∕").replaceAll("\n", " ").slice(0, 120), mimeType: "text/plain", buffer: Buffer.from(PAYLOADS[at]) });
    await say(page, PAYLOADS[at]);
    await answers(page, 1);
    await page.getByRole("button", { name: "Send the result" }).waitFor(WAIT);
    assert.deepEqual(await findings(page), [], PAYLOADS[at]);
  }
  at = 0;
  await page.getByLabel(/^Result of/).fill(PAYLOADS.join("\n"));
  await page.getByRole("button", { name: "Send the result" }).click();
  await page.waitForSelector(".message.tool", WAIT);
  await page.evaluate(() => { location.hash = "#/"; });
  await page.getByRole("button", { name: /^Tools/ }).click();
  for (const payload of PAYLOADS) {
    await page.fill("#tools", JSON.stringify([{ name: payload, [payload]: payload }]));
    assert.deepEqual(await findings(page), [], `a tool of that name: ${payload}`);
  }
  assert.deepEqual(problems, []);
  await context.close();
});

test("markup that a script writes does not run, and neither does a script that it adds", async () => {
  const { context, page } = await visit(browser, toy.url);
  const policy = (await page.request.get(toy.url)).headers()["content-security-policy"];
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.append("window.inline = 1");
    document.body.append(script);
    let refused = false;
    try { document.body.innerHTML = "<b>x</b>"; } catch { refused = true; }
    return { inline: window.inline, refused };
  });
  assert.deepEqual(ran, { inline: undefined, refused: true });
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing serious, ${colorScheme}`, async () => {
    const { context, page } = await visit(browser, toy.url, { colorScheme, reducedMotion: "reduce" });
    const check = async (where) => {
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      assert.deepEqual(serious.map(({ id, nodes }) => [where, id, nodes.map((node) => `${node.target} ${node.failureSummary}`)]), []);
    };
    await check("welcome");
    const text = "# A heading\n\nSome *text* with `code` and a [link](https://example.org).\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```rust\n// why\nfn main() { let x = \"text\"; }\n```\n\n> said\n\n- [x] done\n\n$$x^2$$";
    await page.locator("nav input[type=file]").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from(asFile([text])) });
    await page.locator(".list li a").first().click();
    await page.waitForSelector(".message.assistant .text .hljs-keyword", WAIT);
    await say(page, "Hello there");
    await answers(page, 2);
    await check("a conversation");
    await page.locator("nav input[type=file]").setInputFiles({ name: "calls.json", mimeType: "application/json", buffer: Buffer.from(CALLS) });
    await page.getByText("What is it like outside?").first().click();
    await page.getByRole("button", { name: "Send the results" }).waitFor(WAIT);
    await check("calls");
    await page.getByLabel("Result of get_weather").fill("4 degrees");
    await page.getByRole("button", { name: "Send the results" }).click();
    await page.waitForSelector(".message.tool", WAIT);
    await answers(page, 2);
    await check("results");
    await page.getByRole("button", { name: /^Tools/ }).click();
    await check("tools");
    await page.fill("#tools", "[{]");
    await check("tools with a mistake");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Answer as JSON" }).click();
    await page.getByRole("button", { name: "A verdict" }).click();
    await check("a schema");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Sampling and system prompt" }).click();
    await page.route("**/v1/models", async (route) => {
      const list = await (await route.fetch()).json();
      Object.assign(list.data[0], { loaded: false, status: { value: "loading", progress: 0.42 } });
      await route.fulfill({ json: list });
    });
    await page.locator("#model-button").click();
    await page.getByText("42 %").nth(1).waitFor(WAIT);
    await check("controls and models");
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.keyboard.press("Escape");
    await page.evaluate(() => { location.hash = "#/cache"; });
    await page.locator(".recent a").first().click();
    await page.getByText("one token after the other").waitFor(WAIT);
    await check("cache");
    await page.evaluate(() => { location.hash = "#/dashboard"; });
    await page.waitForSelector(".sums", WAIT);
    await check("dashboard");
    await context.close();
  });
}
