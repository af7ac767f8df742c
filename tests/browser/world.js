// Servers of the real binary, and a browser, for the tests beside this file.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const BINARY = new URL("../../bin/gollum", import.meta.url).pathname;
export const WAIT = { timeout: 60_000 };
const MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf";

/** The folder with SmolLM2, or null where the model could not be had. */
export const modelsFolder = () => {
  const folder = process.env.GOLLUM_TEST_MODELS;
  return folder && existsSync(join(folder, MODEL)) ? folder : null;
};

// The port is the one that the server prints.
function addressOf(process) {
  return new Promise((resolve, reject) => {
    process.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: process.stdout }).on("line", (line) => {
      const [, address] = line.split(" listens on ");
      if (address) resolve(address.trim());
    });
  });
}

const running = new Set();

/** Ends the servers that a failed test left behind: nobody waits for those. */
export function endAll() {
  for (const child of running) child.kill("SIGKILL");
}

/** Starts a server; without `--models-dir` it has the toy alone. */
export async function serve(...args) {
  const empty = mkdtempSync(join(tmpdir(), "gollum-browser-"));
  const models = args.includes("--models-dir") ? [] : ["--models-dir", empty];
  const port = args.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(BINARY, ["serve", ...port, ...models, ...args], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, GOLLUM_LOG: "error" } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const url = await addressOf(child);
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      // A second signal does not wait for streams that the tests left open.
      const second = setTimeout(() => child.kill("SIGTERM"), 1500);
      const code = await ended;
      clearTimeout(second);
      rmSync(empty, { recursive: true });
      return code;
    },
  };
}

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** A browser of its own for each test: nothing is kept between them. Notes what went wrong, and what was asked of others. */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const problems = [];
  const page = await open(context, url, problems);
  return { context, page, problems };
}

export async function open(context, url, problems) {
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  // Refusals that a test provokes are logged by the browser itself.
  page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && problems.push(message.text()));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(url) && !/^(data|blob|about):/.test(asked)) problems.push(`asked ${asked}`);
  });
  await page.goto(url);
  await page.waitForSelector(".welcome h1, .message", WAIT);
  return page;
}

export async function say(page, text) {
  await page.fill("#message", text);
  await page.press("#message", "Enter");
}

/** Waits until nothing is being written and there are `count` answers. */
export const answers = (page, count) => page.waitForFunction(
  (wanted) => document.querySelectorAll(".message.assistant:not(.busy)").length >= wanted && !document.querySelector(".go.stop"), count, WAIT);

/** Has every answer be the likeliest one: the same in each run; of `tokens` at most, where that is told. */
export async function greedy(page, tokens = "") {
  await page.getByRole("button", { name: "Sampling and system prompt" }).click();
  await page.fill("#set-temperature", "0");
  await page.fill("#set-max_tokens", tokens);
  await page.press("#set-max_tokens", "Tab");
  await page.getByRole("complementary", { name: "Sampling and system prompt" }).getByRole("button", { name: "Close" }).click();
}

// By `textContent`: a message that has just ended is not laid out until the next frame (`content-visibility`), and its `innerText` is empty till then.
export const textOf = (page, index, role = "assistant") => page.locator(`.message.${role}`).nth(index).locator(".text").textContent();
