// Pictures of the page's main states, from the real binary: docs/pictures, written anew with GOLLUM_BLESS=1.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { answers, greedy, launch, modelsFolder, say, serve, visit, WAIT } from "./world.js";

const KEPT = new URL("../../docs/pictures", import.meta.url).pathname;
const MAX_BYTES = 1_000_000;
const out = process.env.GOLLUM_BLESS ? KEPT : mkdtempSync(join(tmpdir(), "gollum-pictures-"));
const real = modelsFolder();

// A conversation as a larger model writes it, so that Markdown, code and formulas are seen.
const SHOWN = {
  format: "gollum-conversations", version: 1,
  conversations: [{
    title: "How a KV cache saves work", leaf: "b",
    messages: [
      { id: "a", parent: null, role: "user", text: "Why is the second question in a chat answered sooner than the first?", created: 1 },
      {
        id: "b", parent: "a", role: "assistant", model: "a larger model", ended: "stop", created: 2,
        figures: { promptTokens: 1284, cachedTokens: 1240, answerTokens: 236, firstMs: 92, restMs: 5100, replayed: false, requestId: "x" },
        text: "Because the model does not read the conversation again. What it worked out for each token, its **keys and values**, stays in memory:\n\n" +
          "| | first question | second |\n| --- | ---: | ---: |\n| prompt tokens | 40 | 1,284 |\n| found in the cache | 0 | 1,240 |\n| to compute | 40 | 44 |\n\n" +
          "Attention then only needs the new rows:\n\n$$\\mathrm{softmax}\\!\\left(\\frac{q\\,K^\\top}{\\sqrt{d}}\\right)V$$\n\n" +
          "In code, the lookup is a walk down a tree of pages:\n\n```rust\nfn longest_prefix(tree: &Tree, prompt: &[Token]) -> usize {\n    let mut matched = 0;\n    while let Some(page) = tree.child(&prompt[matched..]) {\n        matched += page.tokens.len(); // shared, never copied\n    }\n    matched\n}\n```",
      },
    ],
  }],
};

// The same of calls: one round is answered, the next waits for its results.
const CALLED = {
  format: "gollum-conversations", version: 1,
  conversations: [{
    title: "Tea for nine", leaf: "e", schema: { text: "", on: false },
    tools: { text: '[{"name":"calculator"},{"name":"get_weather"}]', choice: "auto", parallel: false },
    messages: [
      { id: "a", parent: null, role: "user", text: "Nine of us have tea in Oslo on Sunday. Is it warm enough outside?", created: 1 },
      { id: "b", parent: "a", role: "assistant", model: "a larger model", text: "", ended: "calls", created: 2, calls: [{ id: "1", name: "get_weather", arguments: '{"city":"Oslo"}' }] },
      { id: "c", parent: "b", role: "tool", text: "", created: 3, results: [{ id: "1", name: "get_weather", text: '{"degrees":19,"sky":"clear"}' }] },
      { id: "m", parent: "c", role: "assistant", model: "a larger model", text: "At 19 °C under a clear sky it is.", ended: "stop", created: 4 },
      { id: "d", parent: "m", role: "user", text: "How much tea is that, at three cups each?", created: 5 },
      { id: "e", parent: "d", role: "assistant", model: "a larger model", text: "", ended: "calls", created: 6, calls: [{ id: "2", name: "calculator", arguments: '{"expression":"9 * 3 * 0.2"}' }] },
    ],
  }],
};

let server, browser;

before(async () => {
  mkdirSync(out, { recursive: true });
  server = await serve(...(real ? ["--models-dir", real] : []));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server.stop();
});

const picture = (page, name) => page.screenshot({ path: join(out, `${name}.png`), animations: "disabled" });

async function show(page, conversation) {
  await page.locator("nav input[type=file]").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(conversation)) });
  await page.getByRole("link", { name: conversation.conversations[0].title }).click();
  await page.getByRole("status").getByRole("button", { name: "Close" }).click();
  // Nothing lies under the pointer.
  await page.mouse.move(page.viewportSize().width - 2, 400);
}

async function converse(page) {
  await greedy(page);
  await page.evaluate(() => 0);
  for (const text of ["Write a haiku about rain.", "Write one about snow."]) {
    await say(page, text);
    await page.waitForSelector(".message.assistant", WAIT);
    await page.waitForTimeout(1200);
    if (await page.locator(".go.stop").count()) await page.locator(".go.stop").click();
    await answers(page, 1);
  }
}

test("pictures of the main states", async () => {
  const { context, page, problems } = await visit(browser, server.url, { viewport: { width: 1200, height: 760 } });
  await picture(page, "welcome");
  await show(page, SHOWN);
  await page.waitForSelector(".hljs-keyword", WAIT);
  await page.waitForSelector("math", WAIT);
  await page.waitForTimeout(300);
  await page.setViewportSize({ width: 1200, height: 1010 });
  await page.waitForTimeout(300);
  await picture(page, "chat");
  await page.setViewportSize({ width: 1200, height: 760 });
  await page.getByRole("button", { name: "Sampling and system prompt" }).click();
  await page.getByRole("button", { name: "Careful programmer" }).click();
  await picture(page, "controls");
  await page.getByRole("button", { name: "Careful programmer" }).click();
  await page.getByRole("button", { name: "Sampling and system prompt" }).click();
  await page.getByRole("button", { name: "New chat" }).click();
  await converse(page);
  await page.evaluate(() => { location.hash = "#/cache"; });
  await page.locator(".recent a").first().click();
  await page.getByText("one token after the other").waitFor(WAIT);
  await page.setViewportSize({ width: 1200, height: 1250 });
  await page.waitForTimeout(600);
  await picture(page, "cache");
  await page.setViewportSize({ width: 1200, height: 760 });
  await page.evaluate(() => { location.hash = "#/dashboard"; });
  await page.waitForSelector(".sums", WAIT);
  const ask = () => fetch(`${server.url}/v1/chat/completions`, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: `Tell me about ${Math.random()}` }], max_tokens: 60, ignore_eos: true, use_prompt_cache: false }),
  }).then((response) => response.text());
  for (let round = 1; round <= 5; round += 1) await Promise.all(Array.from({ length: round }, ask));
  await page.waitForTimeout(2500);
  await picture(page, "dashboard");
  assert.deepEqual(problems, []);
  await context.close();
});

test("pictures of tools", async () => {
  const { context, page, problems } = await visit(browser, server.url, { viewport: { width: 1200, height: 1090 } });
  await show(page, CALLED);
  await page.waitForSelector(".hljs-attr", WAIT);
  await page.getByLabel("Result of calculator").waitFor(WAIT);
  await page.waitForTimeout(300);
  await picture(page, "calls");
  await page.getByRole("button", { name: "New chat" }).click();
  await page.setViewportSize({ width: 1200, height: 760 });
  await page.getByRole("button", { name: /^Tools/ }).click();
  await page.getByRole("button", { name: "Calculator" }).click();
  await page.getByRole("button", { name: "Weather" }).click();
  await picture(page, "tools");
  assert.deepEqual(problems, []);
  await context.close();
});

test("pictures in the dark, and on a phone", async () => {
  const dark = await visit(browser, server.url, { viewport: { width: 1200, height: 760 }, colorScheme: "dark" });
  await show(dark.page, SHOWN);
  await dark.page.waitForSelector("math", WAIT);
  await dark.page.waitForTimeout(500);
  await picture(dark.page, "chat-dark");
  await dark.context.close();
  const phone = await visit(browser, server.url, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
  await phone.page.locator("button[aria-label='Show the list']").click();
  await show(phone.page, SHOWN);
  await phone.page.waitForSelector("math", WAIT);
  await phone.page.waitForTimeout(500);
  await phone.page.locator(".scroller").evaluate((node) => { node.scrollTop = 0; });
  await picture(phone.page, "phone");
  await phone.context.close();
});

test("the pictures are all there, and small together", () => {
  const names = readdirSync(out).filter((name) => name.endsWith(".png"));
  assert.equal(names.length, 9);
  assert.ok(names.reduce((sum, name) => sum + statSync(join(out, name)).size, 0) < MAX_BYTES);
});
