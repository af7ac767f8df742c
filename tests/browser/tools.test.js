// Tools and JSON in the chat page, and a model's way into memory: with the real binary, and SmolLM2 where a model has to speak.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { browser, onPage, toy } from "./toy.js";
import { answers, greedy, modelsFolder, say, serve, textOf, visit, WAIT } from "./world.js";

/** Plays the server's part: each answer is the next of these lists of deltas. Returns the bodies that were sent. */
async function play(page, rounds) {
  const bodies = [];
  await page.route("**/v1/chat/completions", (route) => {
    const deltas = rounds[bodies.length];
    bodies.push(route.request().postDataJSON());
    const ending = deltas.some((delta) => delta.tool_calls) ? "tool_calls" : "stop";
    const events = [...deltas.map((delta) => ({ delta, finish_reason: null })), { delta: {}, finish_reason: ending }];
    const body = events.map((choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`).join("") + "data: [DONE]\n\n";
    return route.fulfill({ contentType: "text/event-stream", body });
  });
  return bodies;
}

const piece = (index, text, begins = {}) => ({ tool_calls: [{ index, ...begins, function: { ...(begins.name ? { name: begins.name } : {}), arguments: text } }] });
const TWO_CALLS = [
  piece(0, "", { id: "c0", type: "function", name: "get_weather" }), piece(0, '{"city":'), piece(0, '"Oslo"}'),
  piece(1, "", { id: "c1", type: "function", name: "calculator" }), piece(1, '{"expression":"6 * 7"}'),
];

const openTools = (page) => page.getByRole("button", { name: /^Tools/ }).click();
const addExamples = async (page, ...names) => {
  await openTools(page);
  for (const name of names) await page.getByRole("button", { name, exact: true }).click();
  await page.getByRole("button", { name: "Done" }).click();
};

onPage("a list of tools is checked as it is typed, and nothing is sent with a mistake in it", async ({ page }) => {
  await openTools(page);
  const said = () => page.locator("#tools-said").innerText();
  await page.fill("#tools", '[{"name": "a"},\n {"name": "b" "c"}]');
  assert.match(await said(), /^It is not JSON: .*line 2/);
  await page.fill("#tools", '[{"name": "a", "paramters": {}}]');
  assert.match(await said(), /`paramters` is no field of a tool/);
  assert.equal(await page.getAttribute("#tools", "aria-invalid"), "true");
  await page.keyboard.press("Escape");
  await page.fill("#message", "Hello there");
  assert.ok(await page.getByRole("button", { name: "Send", exact: true }).isDisabled());
  assert.equal(await page.getByRole("button", { name: /^Tools/ }).innerText(), "a mistake");
  await openTools(page);
  await page.fill("#tools", '[{"name": "a"}]');
  assert.match(await said(), /^1 tool: a\. The results are yours to type/);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: /^Tools/ }).filter({ hasText: "1 tool" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Send", exact: true }).isEnabled());
});

onPage("several calls arrive in pieces, and each has its result", async ({ page }) => {
  const bodies = await play(page, [TWO_CALLS, [{ content: "Cold, and 42." }], [{ content: "Warm, and 42." }]]);
  await addExamples(page, "Calculator", "Weather");
  await openTools(page);
  await page.selectOption("#tool-choice", "required");
  await page.getByLabel("several at once").check();
  await page.getByRole("button", { name: "Done" }).click();
  await say(page, "How is Oslo, and how much is 6 * 7?");
  await answers(page, 1);
  assert.deepEqual(await page.locator(".call pre").allInnerTexts(), ['{\n  "city": "Oslo"\n}', '{\n  "expression": "6 * 7"\n}']);
  assert.equal(await page.getByLabel("Result of calculator").inputValue(), '{"result":42}', "the page computes it");
  const send = page.getByRole("button", { name: "Send the results" });
  assert.ok(await send.isDisabled(), "one result is missing");
  await page.getByLabel("Result of get_weather").fill("-4 degrees");
  await send.click();
  await answers(page, 2);
  assert.equal(await textOf(page, 1), "Cold, and 42.");
  const [first, second] = bodies;
  assert.deepEqual([first.tools.map((tool) => tool.function.name), first.tool_choice, first.parallel_tool_calls], [["calculator", "get_weather"], "required", true]);
  assert.equal(second.tool_choice, "auto", "a call is forced once");
  assert.deepEqual(second.messages.slice(-3), [
    { role: "assistant", content: null, tool_calls: [
      { id: "c0", type: "function", function: { name: "get_weather", arguments: '{"city":"Oslo"}' } },
      { id: "c1", type: "function", function: { name: "calculator", arguments: '{"expression":"6 * 7"}' } },
    ] },
    { role: "tool", tool_call_id: "c0", content: "-4 degrees" },
    { role: "tool", tool_call_id: "c1", content: '{"result":42}' },
  ]);
  // Told otherwise, the results are a new branch, and the old one is still there.
  await page.locator(".message.tool").getByRole("button", { name: "Edit", exact: true }).click();
  assert.equal(await page.getByLabel("Result of get_weather").inputValue(), "-4 degrees");
  await page.getByLabel("Result of get_weather").fill("30 degrees");
  await page.getByRole("button", { name: "Send the results" }).click();
  await page.getByText("Warm, and 42.").waitFor(WAIT);
  assert.equal(bodies[2].messages.at(-2).content, "30 degrees");
  await page.locator(".message.tool").getByRole("button", { name: "Earlier branch" }).click();
  await page.getByText("Cold, and 42.").waitFor(WAIT);
  await page.reload();
  await page.getByText("Cold, and 42.").waitFor(WAIT);
  assert.match(await page.locator(".message.tool").textContent(), /-4 degrees/);
  assert.equal(await page.getByRole("button", { name: /^Tools/ }).innerText(), "2 tools");
  await page.fill("#search", "-4 deg");
  await page.waitForTimeout(400);
  assert.equal(await page.locator(".list li").count(), 1, "results are searched");
});

onPage("calls, results, tools and forms are exported and imported", async ({ page }) => {
  await play(page, [TWO_CALLS, [{ content: '{"answer":42}' }]]);
  await addExamples(page, "Calculator", "Weather");
  await page.getByRole("button", { name: "Answer as JSON" }).click();
  await page.getByRole("button", { name: "A verdict" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await say(page, "Hello there");
  await answers(page, 1);
  await page.getByLabel("Result of get_weather").fill("-4 degrees");
  await page.getByRole("button", { name: "Send the results" }).click();
  await answers(page, 2);
  const save = async (kind) => {
    await page.getByRole("button", { name: /^More about/ }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: `Export as ${kind}` }).click()]);
    const path = join(tmpdir(), `gollum-calls-${process.pid}.${kind === "JSON" ? "json" : "md"}`);
    await download.saveAs(path);
    return path;
  };
  assert.match(readFileSync(await save("Markdown"), "utf8"), /Calls get_weather:\n```json\n\{\n {2}"city": "Oslo"\n\}\n```[^]*## Results\n\nget_weather:\n```\n-4 degrees\n```[^]*```json\n\{\n {2}"answer": 42\n\}\n```/);
  const path = await save("JSON");
  const exported = JSON.parse(readFileSync(path, "utf8")).conversations[0];
  await page.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.locator("nav input[type=file]").setInputFiles(path);
  await page.locator(".list li a").click();
  await page.waitForSelector(".message.tool", WAIT);
  const again = JSON.parse(readFileSync(await save("JSON"), "utf8")).conversations[0];
  const of = ({ tools, schema, messages }) => ({ tools, schema, said: messages.map(({ role, text, calls, results, json }) => ({ role, text, calls, results, json })).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1) });
  assert.deepEqual(of(again), of(exported));
  assert.equal(again.messages.filter((message) => message.calls?.length === 2).length, 1);
});

onPage("an answer that fails behind results is asked for again", async ({ page }) => {
  let fails = true;
  const bodies = await play(page, [TWO_CALLS, [{ content: "Well." }]]);
  await addExamples(page, "Weather");
  await say(page, "Hello there");
  await answers(page, 1);
  await page.route("**/v1/chat/completions", (route) => (fails ? route.fulfill({ status: 500, json: { error: { message: "a broken step", code: "engine" } } }) : route.fallback()));
  await page.getByLabel("Result of get_weather").fill("fine");
  await page.getByRole("button", { name: "Send the results" }).click();
  await page.getByText("a broken step").waitFor(WAIT);
  fails = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Well.").waitFor(WAIT);
  assert.deepEqual(bodies[1].messages.map((message) => message.role), ["user", "assistant", "tool", "tool"]);
});

onPage("tools and a form are kept as a preset", async ({ page }) => {
  await addExamples(page, "Current time");
  await page.getByRole("button", { name: "Sampling and system prompt" }).click();
  await page.getByRole("button", { name: "Keep as a preset" }).click();
  await page.reload();
  const tools = page.getByRole("button", { name: /^Tools/ });
  await tools.waitFor(WAIT);
  assert.equal(await tools.innerText(), "", "a new chat has none");
  await page.getByRole("button", { name: "Sampling and system prompt" }).click();
  await page.getByRole("button", { name: "current_time", exact: true }).click();
  await page.waitForFunction(() => document.querySelector(".asked")?.textContent.trim() === "1 tool", null, WAIT);
});

onPage("tools are defined, called and answered with the keys alone", async ({ page }) => {
  const bodies = await play(page, [TWO_CALLS, [{ content: "Well." }]]);
  await page.locator("#message").waitFor();
  await page.keyboard.press("Alt+KeyT");
  await page.getByRole("dialog", { name: "Tools" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.match(await page.inputValue("#tools"), /calculator/);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("Alt+KeyJ");
  await page.getByRole("dialog", { name: "Answer as JSON" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.ok(await page.getByRole("switch").isChecked());
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await page.locator("#message").focus();
  await page.keyboard.type("Hello there");
  await page.keyboard.press("Enter");
  await answers(page, 1);
  // Back from the field for messages to the fields for results.
  for (let at = 0; at < 40 && !(await page.evaluate(() => document.activeElement?.getAttribute("aria-label") === "Result of get_weather")); at += 1) await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("fine");
  await page.keyboard.press("Enter");
  await page.getByText("Well.").waitFor(WAIT);
  assert.deepEqual(bodies[1].messages.slice(-2).map((message) => message.content), ["fine", '{"result":42}']);
});

onPage("a model's way into memory is shown, and followed no longer than it takes", async ({ page }) => {
  // The toy is there at once: what the server says of it is put in its place.
  const steps = [0, 0.125, 0.42, 0.9, null];
  let asked = 0;
  await page.route("**/v1/models", async (route) => {
    const list = await (await route.fetch()).json();
    const progress = steps[Math.min(asked, steps.length - 1)];
    asked += 1;
    Object.assign(list.data[0], progress === null ? { loaded: true } : { loaded: false, status: { value: "loading", progress } });
    await route.fulfill({ json: list });
  });
  const seen = await page.evaluateHandle(() => {
    const all = [];
    new MutationObserver(() => {
      const shown = document.querySelector("#model-button .way")?.textContent.trim();
      if (shown && all.at(-1) !== shown) all.push(shown);
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    return all;
  });
  await page.locator("#model-button").click();
  await page.waitForFunction(() => /in memory/.test(document.querySelector(".menu .state")?.textContent ?? ""), null, WAIT);
  assert.deepEqual(await seen.jsonValue(), ["0 %", "13 %", "42 %", "90 %"]);
  const known = asked;
  await page.waitForTimeout(1000);
  assert.equal(asked, known, "nobody asks on");
});

const real = modelsFolder();
if (!real) console.log("skipped: tools and JSON with SmolLM2: GOLLUM_TEST_MODELS has none");
else {
  test("SmolLM2: its way into memory; a call, its result, an answer; JSON by a schema; a schema that cannot be", async () => {
    const server = await serve("--models-dir", real);
    const { context, page, problems } = await visit(browser, server.url);
    await page.getByText("SmolLM2-135M-Instruct.Q4_1 answers here").waitFor(WAIT);
    await greedy(page, "100");
    await addExamples(page, "Calculator");
    await openTools(page);
    await page.selectOption("#tool-choice", "the calculator");
    await page.getByRole("button", { name: "Done" }).click();
    const status = async () => (await (await fetch(`${server.url}/v1/models`)).json()).data[0].status;
    assert.deepEqual(await status(), { value: "unloaded" });
    await say(page, "What is 12 * 34?");
    const way = [];
    for (let now = await status(); now.value !== "loaded"; now = await status()) {
      if (now.value === "loading") way.push(now.progress);
    }
    assert.ok(way.length > 0 && way.every((progress, at) => progress >= (way[at - 1] ?? 0) && progress <= 1), `${way}`);
    console.log(`loading was seen ${way.length} times, from ${way[0]} to ${way.at(-1)}`);
    await answers(page, 1);
    const called = JSON.parse(await page.locator(".call pre").textContent());
    assert.equal(typeof called.expression, "string");
    assert.match(await page.getByLabel("Result of calculator").inputValue(), /^\{"(result|error)":/, "the page computes its own tool");
    await page.getByLabel("Result of calculator").fill("408");
    await page.getByRole("button", { name: "Send the result" }).click();
    await answers(page, 2);
    assert.match(await textOf(page, 1), /408/, "the model read the result");
    await page.getByRole("button", { name: "New chat" }).click();
    await page.getByRole("button", { name: "Answer as JSON" }).click();
    await page.getByRole("button", { name: "A verdict" }).click();
    await page.getByRole("button", { name: "Done" }).click();
    await say(page, "Is water wet?");
    await answers(page, 1);
    await page.waitForSelector(".message.assistant .hljs-attr", WAIT);
    const verdict = JSON.parse(await page.locator(".message.assistant pre").textContent());
    assert.ok(["yes", "no", "unsure"].includes(verdict.verdict) && typeof verdict.reason === "string", JSON.stringify(verdict));
    await page.getByRole("button", { name: "Answer as JSON" }).click();
    await page.fill("#schema", '{"type": "object", "properties": {"a": {"$ref": "#/nowhere"}}, "required": ["a"]}');
    await page.getByRole("button", { name: "Done" }).click();
    await say(page, "And now?");
    await page.getByText("The server did not accept the request").waitFor(WAIT);
    assert.match(await page.locator(".problem").textContent(), /The server says: .*nowhere/s);
    assert.deepEqual(problems, []);
    await context.close();
    await server.stop();
  });
}
