// The chat page of the real binary in a real browser: with the toy where that is enough, else with SmolLM2.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { browser, onPage, toy } from "./toy.js";
import { answers, greedy, modelsFolder, open, say, serve, textOf, visit, WAIT } from "./world.js";

onPage("the first visit says who answers, and what to do about a toy", async ({ page }) => {
  assert.equal(await page.locator("h1").innerText(), "A toy answers here");
  assert.match(await page.locator(".command code").innerText(), /^gollum pull \S+$/);
  assert.equal(await page.locator(".welcome li button").count(), 3);
  await page.locator(".welcome li button").first().click();
  assert.notEqual(await page.inputValue("#message"), "");
});

onPage("an answer has its figures, and the next one its share from the cache", async ({ page }) => {
  await greedy(page);
  await say(page, "Hello there");
  await answers(page, 1);
  assert.match(await textOf(page, 0), /\w+ \w+/);
  await say(page, "Tell me more");
  await answers(page, 2);
  const figures = await page.locator(".message.assistant .figures").nth(1).textContent();
  assert.match(figures, /\d+ tokens/);
  assert.match(figures, /first after/);
  assert.match(figures, /[1-9]\d* % cached/);
});

onPage("an answer without text is said to be one", async ({ page }) => {
  await greedy(page);
  await say(page, "One");
  await answers(page, 1);
  assert.match(await page.locator(".message.assistant .note").textContent(), /ended its answer at once/);
});

onPage("editing and asking again make branches, which can be stepped through and outlive a reload", async ({ page }) => {
  await greedy(page);
  await say(page, "Hello there");
  await answers(page, 1);
  const first = await textOf(page, 0);
  await page.locator(".message.user").getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByLabel("Edit the message").fill("Good evening to you");
  await page.getByRole("button", { name: "Send as a new branch" }).click();
  await answers(page, 1);
  assert.equal(await textOf(page, 0, "user"), "Good evening to you");
  await page.locator(".message.assistant").getByRole("button", { name: "Answer again" }).click();
  await page.getByLabel("Branch 2 of 2").nth(1).waitFor(WAIT);
  await page.getByRole("button", { name: "Earlier branch" }).first().click();
  assert.equal(await textOf(page, 0, "user"), "Hello there");
  assert.equal(await textOf(page, 0), first);
  await page.reload();
  await page.waitForSelector(".message", WAIT);
  assert.equal(await textOf(page, 0), first);
  assert.equal(await page.getByLabel("Branch 1 of 2").count(), 1);
});

onPage("conversations are listed, searched, renamed, pinned, deleted and brought back", async ({ page }) => {
  await greedy(page);
  for (const [at, text] of ["Hello there", "Good evening to you"].entries()) {
    await say(page, text);
    await answers(page, 1);
    if (at === 0) await page.getByRole("button", { name: "New chat" }).click();
  }
  const list = page.getByRole("navigation", { name: "Conversations" });
  assert.equal(await list.locator("li").count(), 2);
  await list.getByRole("button", { name: "More about Hello there" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("Name of the conversation").fill("Greetings");
  await page.keyboard.press("Enter");
  await list.getByRole("button", { name: "More about Greetings" }).click();
  await page.getByRole("menuitem", { name: "Pin" }).click();
  await page.waitForFunction(() => document.querySelector(".list section h2")?.textContent === "Pinned", null, WAIT);
  await page.fill("#search", "evening");
  await page.waitForFunction(() => document.querySelectorAll(".list li").length === 1, null, WAIT);
  await page.fill("#search", "");
  await list.getByRole("button", { name: "More about Greetings" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".list li").length === 1, null, WAIT);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".list li").length === 2, null, WAIT);
});

onPage("what is exported can be imported, and is the same conversation", async ({ page }) => {
  await greedy(page);
  await page.getByLabel("Attach text files").waitFor();
  await page.locator(".composer input[type=file]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("cave\nriver\n") });
  await say(page, "Hello there");
  await answers(page, 1);
  await page.locator(".message.assistant").getByRole("button", { name: "Answer again" }).click();
  await page.getByLabel("Branch 2 of 2").waitFor(WAIT);
  await answers(page, 1);
  const save = async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export all conversations" }).click()]);
    const path = join(tmpdir(), `gollum-export-${process.pid}.json`);
    await download.saveAs(path);
    return path;
  };
  const exported = JSON.parse(readFileSync(await save(), "utf8"));
  const path = await save();
  await page.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.locator("nav input[type=file]").setInputFiles(path);
  await page.waitForFunction(() => document.querySelectorAll(".list li").length === 1, null, WAIT);
  const again = JSON.parse(readFileSync(await save(), "utf8"));
  // Ids are given anew; all else is the same, and so is who follows whom.
  const shape = (file) => file.conversations.map(({ id, leaf, messages, ...rest }) => {
    const all = [...messages].sort((a, b) => a.created - b.created || a.text.localeCompare(b.text));
    const place = (one) => all.findIndex((message) => message.id === one);
    return { ...rest, leaf: place(leaf), messages: all.map(({ id: _, conversation, parent, ...message }) => ({ ...message, parent: place(parent) })) };
  });
  assert.deepEqual(shape(again), shape(exported));
  writeFileSync(path, "{\"format\":\"something else\"}");
  await page.locator("nav input[type=file]").setInputFiles(path);
  await page.getByText("was not imported").waitFor(WAIT);
});

onPage("two tabs show the same conversations", async ({ context, page, problems }) => {
  const other = await open(context, toy.url, problems);
  await say(page, "Hello there");
  await answers(page, 1);
  await other.locator(".list li").first().waitFor(WAIT);
  await other.locator(".list li a").first().click();
  await other.waitForSelector(".message.assistant", WAIT);
  await say(other, "And from the other tab");
  await answers(other, 2);
  await page.waitForFunction(() => document.querySelectorAll(".message.assistant").length === 2, null, WAIT);
});

onPage("everything can be done with the keys", async ({ page }) => {
  await page.locator("#message").waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("Hello there");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("in two lines");
  await page.keyboard.press("Enter");
  await answers(page, 1);
  assert.equal(await textOf(page, 0, "user"), "Hello there\nin two lines");
  await page.locator("#message").focus();
  await page.keyboard.press("ArrowUp");
  await page.getByLabel("Edit the message").waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Alt+KeyR");
  await page.getByLabel("Branch 2 of 2").waitFor(WAIT);
  await answers(page, 1);
  await page.keyboard.press("Alt+ArrowLeft");
  await page.getByLabel("Branch 1 of 2").waitFor(WAIT);
  await page.keyboard.press("Control+Shift+O");
  await page.waitForSelector(".welcome", WAIT);
  await page.keyboard.press("Alt+Digit2");
  await page.getByRole("heading", { name: "Cache", exact: true }).waitFor(WAIT);
  await page.keyboard.press("Alt+Digit3");
  await page.getByRole("heading", { name: "Dashboard", exact: true }).waitFor(WAIT);
});

onPage("a phone has room for all of it", async ({ page }) => {
  await page.waitForSelector(".welcome");
  await say(page, "Hello there");
  await answers(page, 1);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} pixels wide`);
  await page.getByRole("button", { name: "Show the list" }).click();
  await page.locator(".list li a").first().click();
  await page.waitForFunction(() => !document.querySelector("nav.sidebar"), null, WAIT);
}, { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });

onPage("the cache is shown as it changes, and a request explained", async ({ context, page, problems }) => {
  await greedy(page);
  await say(page, "Hello there, once upon a time there was a cave with a river in it and a small boat");
  await answers(page, 1);
  const view = await open(context, toy.url, problems);
  await view.goto(`${toy.url}/#/cache`);
  await view.locator(".recent a").first().waitFor(WAIT);
  const before = await view.locator(".tree li").count();
  assert.ok(before > 0, "the tree has branches");
  await page.bringToFront();
  await page.getByRole("button", { name: "New chat" }).click();
  await say(page, "Quite another beginning, with mountains and snow on them, and nobody about for days");
  await answers(page, 1);
  await view.bringToFront();
  await view.waitForFunction((known) => document.querySelectorAll(".tree li").length > known, before, WAIT);
  await view.locator(".recent a").first().click();
  await view.getByText("one token after the other").waitFor(WAIT);
});

onPage("pages of windows have a map of their own, in models that have any", async ({ context, page, problems }) => {
  await say(page, "Hello there");
  await answers(page, 1);
  const view = await open(context, toy.url, problems);
  // The toy's layers see all: what the server says of another model is put in its place.
  await view.route("**/debug/kv", async (route) => {
    const said = await (await route.fetch({ headers: { ...route.request().headers(), accept: "application/json" } })).json();
    for (const model of Object.values(said.models)) model.window_pages = "HHcc..";
    await route.fulfill({ contentType: "text/event-stream", body: `data: ${JSON.stringify(said)}\n\n` });
  });
  await view.goto(`${toy.url}/#/cache`);
  await view.getByRole("heading", { name: "Pages of windows" }).waitFor(WAIT);
  await view.getByRole("img", { name: "2 pages held, 2 cached, 2 free" }).waitFor(WAIT);
  // The page asks on while the test ends.
  await view.unrouteAll({ behavior: "ignoreErrors" });
});

onPage("the dashboard counts what was answered", async ({ context, page, problems }) => {
  await say(page, "Hello there");
  await answers(page, 1);
  const view = await open(context, toy.url, problems);
  await view.goto(`${toy.url}/#/dashboard`);
  await view.waitForFunction(() => Number(document.querySelector(".sums dd")?.textContent.replaceAll(",", "")) > 0, null, WAIT);
});

test("a server that goes away, and comes back", async () => {
  const first = await serve();
  const { context, page, problems } = await visit(browser, first.url);
  await say(page, "Hello there");
  await answers(page, 1);
  await first.stop();
  await say(page, "Are you still there?");
  await page.getByText("The server cannot be reached").first().waitFor(WAIT);
  assert.equal(await textOf(page, 1, "user"), "Are you still there?", "the text is kept");
  const again = await serve("--port", new URL(first.url).port);
  await page.getByRole("button", { name: "Try again" }).click();
  await answers(page, 2);
  assert.equal(await page.locator(".message.assistant .problem").count(), 0);
  assert.deepEqual(problems, []);
  await context.close();
  await again.stop();
});

test("a key is asked for, and a context that is too small is explained", async () => {
  const server = await serve("--api-key", "a-secret-key", "--max-model-len", "64");
  const context = await browser.newContext();
  const problems = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(server.url);
  await page.getByLabel("API key", { exact: true }).fill("a-wrong-key");
  await page.getByRole("button", { name: "Use this key" }).click();
  await page.getByText("does not take this key").waitFor(WAIT);
  await page.getByLabel("API key", { exact: true }).fill("a-secret-key");
  await page.getByRole("button", { name: "Use this key" }).click();
  // The welcome lies behind the question all along.
  await page.getByRole("button", { name: "Use this key" }).waitFor({ ...WAIT, state: "hidden" });
  await page.waitForSelector(".welcome h1", WAIT);
  await say(page, "word ".repeat(200));
  await page.getByText("longer than the model can read").waitFor(WAIT);
  assert.deepEqual(problems, []);
  await context.close();
  await server.stop();
});

const real = modelsFolder();
if (!real) console.log("skipped: the page with SmolLM2: GOLLUM_TEST_MODELS has none");
else {
  test("SmolLM2: first visit to first answer; streaming, stop, going on; a full queue; another model", async () => {
    const server = await serve("--models-dir", real, "--max-num-seqs", "1", "--max-waiting", "1");
    const { context, page, problems } = await visit(browser, server.url);
    await page.getByText("SmolLM2-135M-Instruct.Q4_1 answers here").waitFor(WAIT);
    await greedy(page);
    const longest = async (tokens) => {
      await page.getByRole("button", { name: "Sampling and system prompt" }).click();
      await page.fill("#set-max_tokens", tokens);
      await page.press("#set-max_tokens", "Tab");
      await page.getByRole("button", { name: "Sampling and system prompt" }).click();
    };
    await longest("24");
    await say(page, "Write a haiku about rain.");
    await answers(page, 1);
    assert.match(await textOf(page, 0), /\w+ \w+ \w+/);
    // A long answer grows while it is watched, and stops where it is told to.
    await page.getByRole("button", { name: "New chat" }).click();
    await longest("");
    await say(page, "Write a very long story about a mouse who lives in a cave. Go on and on.");
    const length = () => page.locator(".message.assistant .text").first().textContent().then((text) => text.length, () => 0);
    await page.waitForFunction(() => (document.querySelector(".message.assistant .text")?.textContent.length ?? 0) > 20, null, WAIT);
    const early = await length();
    await page.waitForFunction((known) => document.querySelector(".message.assistant .text").textContent.length > known + 20, early, WAIT);
    // Others: they take the place in the batch and those in the queue, so that the next is refused.
    const ask = () => fetch(`${server.url}/v1/chat/completions`, {
      method: "POST", headers: { "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: `Count ${Math.random()}` }], max_tokens: 1500, stream: true, ignore_eos: true }),
    });
    await page.keyboard.press("Escape");
    await page.getByText("Stopped.").waitFor(WAIT);
    const stopped = await length();
    await page.waitForTimeout(300);
    assert.equal(await length(), stopped, "it stays where it was stopped");
    await page.getByRole("button", { name: "Go on" }).click();
    await page.waitForFunction((known) => document.querySelector(".message.assistant .text").textContent.length > known + 20, stopped, WAIT);
    await page.keyboard.press("Escape");
    await page.getByText("Stopped.").waitFor(WAIT);
    await longest("40");
    const busy = await Promise.all(Array.from({ length: 4 }, ask));
    await say(page, "And now?");
    await page.getByText("Too many requests are waiting").waitFor(WAIT);
    assert.equal(await textOf(page, 1, "user"), "And now?");
    await Promise.all(busy.map((response) => response.body.cancel()));
    await page.getByRole("button", { name: "Try again" }).click();
    await page.waitForFunction(() => document.querySelector(".go.stop") === null && document.querySelectorAll(".message.assistant").length === 2, null, WAIT);
    // Another model answers from now on.
    const others = page.getByRole("menuitemradio");
    await page.locator("#model-button").click();
    await others.first().waitFor();
    if (await others.count() > 1) {
      await others.nth(1).click();
      await page.getByRole("button", { name: "New chat" }).click();
      await page.getByText(/answers here/).waitFor();
      assert.doesNotMatch(await page.locator(".welcome h1").innerText(), /SmolLM2/);
    }
    assert.deepEqual(problems, []);
    await context.close();
    await server.stop();
  });
}
