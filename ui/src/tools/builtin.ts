// Tools that the page computes itself: plain code over the call's arguments, which asks nobody else.
import { calculate } from "./calculate.ts";

type Arguments = Record<string, unknown>;

const BUILTIN: Record<string, (given: Arguments, now: Date) => object> = {
  calculator: ({ expression }) => {
    if (typeof expression !== "string" && typeof expression !== "number") throw new Error("`expression` is missing");
    return { result: calculate(String(expression)) };
  },
  current_time: ({ time_zone }, now) => timeIn(typeof time_zone === "string" && time_zone.trim() ? time_zone.trim() : undefined, now),
};

export const isBuiltin = (name: string): boolean => Object.hasOwn(BUILTIN, name);

/** The result of a call as JSON, an error included; `null` where the page knows no such tool, or the arguments are none. */
export function compute(name: string, text: string, now: Date): string | null {
  const tool = Object.hasOwn(BUILTIN, name) ? BUILTIN[name] : undefined;
  if (!tool) return null;
  let given: unknown;
  try {
    given = JSON.parse(text || "{}");
  } catch {
    return null;
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return null;
  try {
    return JSON.stringify(tool(given as Arguments, now));
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : "it failed" });
  }
}

function timeIn(timeZone: string | undefined, now: Date): object {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "full", timeStyle: "long" });
  } catch {
    throw new Error(`there is no time zone \`${timeZone?.slice(0, 80)}\``);
  }
  return { time: format.format(now), time_zone: format.resolvedOptions().timeZone, unix_seconds: Math.floor(now.getTime() / 1000) };
}
