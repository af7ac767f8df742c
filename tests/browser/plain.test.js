// The plain page, which is always there: the real binary in a real browser, with the toy model.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, serve, WAIT } from "./world.js";

// What the toy, asked greedily, answers with nothing: its first token is the end. It answers the other messages here
// with words.
const SILENCING = "One";

let server, url, browser;

before(async () => {
  server = await serve();
  url = `${server.url}/plain`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  assert.equal(await server.stop(), 0, "the server ends well");
});

// A page that remembers what went wrong on it. Its temperature is 0, so that the toy's answers are the same in every
// run: a sampled one may be empty, since the end of an answer can be drawn at once.
async function open() {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(url);
  await page.waitForFunction(() => document.querySelector("#model").value === "toy-1", null, WAIT);
  await page.evaluate(() => { document.querySelector("#temperature").value = "0"; });
  return { page, problems };
}

async function say(page, text) {
  await page.fill("#input", text);
  await page.press("#input", "Enter");
}

// Waits until the answer of that number has text and nothing is being generated.
function answered(page, index) {
  return page.waitForFunction((at) => {
    const answer = document.querySelectorAll(".message.assistant .text")[at];
    return answer?.textContent.trim().length > 0 && document.querySelector("#stop").hidden;
  }, index, WAIT);
}

test("the page lists the models and answers a question", async () => {
  const { page, problems } = await open();
  await say(page, "Hello there");
  await answered(page, 0);
  assert.equal(await page.locator(".message.user .text").first().textContent(), "Hello there");
  assert.deepEqual(problems, []);
  await page.close();
});

test("the settings show how the model is sampled", async () => {
  const { page, problems } = await open();
  await page.click("#settings-toggle");
  assert.match(await page.locator("#defaults").textContent(), /temperature 0\.8 · top_k 40 · top_p 0\.95 · min_p 0\.05/);
  assert.equal(await page.getAttribute("#temperature", "placeholder"), "0.8");
  assert.deepEqual(problems, []);
  await page.close();
});

test("a conversation goes on, and a new chat forgets it", async () => {
  const { page, problems } = await open();
  await say(page, "Hello there");
  await answered(page, 0);
  await say(page, "Tell me more");
  await answered(page, 1);
  assert.equal(await page.locator(".message").count(), 4);
  await page.click("#new-chat");
  await page.waitForFunction(() => document.querySelectorAll(".message").length === 0, null, WAIT);
  assert.deepEqual(problems, []);
  await page.close();
});

test("an answer without text is said to be one", async () => {
  const { page, problems } = await open();
  await say(page, SILENCING);
  await page.waitForFunction(() => document.querySelector(".message.assistant .note")?.textContent, null, WAIT);
  assert.match(await page.locator(".message.assistant .note").textContent(), /^the model ended its answer at once/);
  assert.equal(await page.locator(".message.assistant .text").textContent(), "");
  assert.deepEqual(problems, []);
  await page.close();
});

test("text of a user is never markup", async () => {
  const { page, problems } = await open();
  const attack = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';
  await say(page, attack);
  await answered(page, 0);
  assert.equal(await page.locator(".message.user .text").first().textContent(), attack);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.locator(".message img, .message script").count(), 0);
  assert.deepEqual(problems, []);
  await page.close();
});

test("inline scripts do not run", async () => {
  const { page } = await open();
  const policy = await page.evaluate(async () => (await fetch("/")).headers.get("content-security-policy"));
  assert.match(policy, /default-src 'none'/);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.append("window.inline = 1");
    document.body.append(script);
    return window.inline;
  });
  assert.equal(ran, undefined);
  await page.close();
});
