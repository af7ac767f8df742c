// A server with the toy and a browser, for test files that share one of each: importing this starts them before the first test
// and ends them after the last.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { endAll, launch, serve, visit } from "./world.js";

export let toy, browser;

before(async () => {
  toy = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await toy?.stop();
  endAll();
});

/** Runs a test on a fresh page, and fails if anything went wrong on it. */
export const onPage = (name, run, options) => test(name, async () => {
  const world = await visit(browser, toy.url, options);
  await run(world);
  assert.deepEqual(world.problems, []);
  await world.context.close();
});
