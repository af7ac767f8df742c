// What every script beside this one is asked: `script URL MODEL EMBEDDER`. It says what its client did as one JSON object.

import { createInterface } from "node:readline/promises";
import { z } from "zod";

export const [url, model, embedder] = process.argv.slice(2);
export const hello = [{ role: "user", content: "Say hello." }];
export const question = [{ role: "user", content: "Is it raining in Paris?" }];
// A temperature that no server takes.
export const badTemperature = -1;

export const Weather = z.object({ city: z.string().max(30), raining: z.boolean() });

/** The address of a server whose queue is full until it has refused a request, and the name of its model. */
export async function busyServer() {
  console.log("busy");
  const input = createInterface({ input: process.stdin });
  const address = await input.question("");
  input.close();
  return [address, "toy-1"];
}

/** Whether it is this kind of error, of this status, that the client throws. */
export async function failsWith(kind, act, status) {
  try {
    await act();
  } catch (error) {
    return error instanceof kind && (error.status ?? error.statusCode ?? error.status_code) === status;
  }
  return false;
}

export function areEmbeddings(vectors) {
  return vectors.length === 2 && vectors.every((vector) => vector.length === 384) && vectors[0][0] !== vectors[1][0];
}

export function isWeather(value) {
  return Weather.safeParse(value).success;
}

export function tell(done) {
  console.log(JSON.stringify(done));
}
