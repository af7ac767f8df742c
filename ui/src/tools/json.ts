// JSON as text: checked, and laid out without changing a character of what it says.

/** What was read, or what is wrong with it. */
export type Checked<T> = { value: T; mistake?: undefined } | { value?: undefined; mistake: string };

/** What a parser says, as a sentence. */
export const fault = (error: unknown): string => `It is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`;

/** True of a whole object or list. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads a schema; nothing typed is `null`, which any object fits. */
export function checkSchema(text: string): Checked<object | null> {
  if (text.trim() === "") return { value: null };
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { mistake: fault(error) };
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { mistake: "A JSON schema is an object: { \"type\": \"object\", … }" };
  return { value: given };
}

/** Levels that are indented; deeper ones stay at the last one's edge. */
const MAX_INDENT = 40;

/**
 * Lays JSON out with two spaces a level. Works on text, and not on values, so that long numbers and repeated keys stay as
 * they are, and so that what still grows is laid out as far as it goes. What is no JSON comes out the same but for its white space.
 */
export function layOut(text: string): string {
  let out = "";
  let last = "";
  let depth = 0;
  const line = (): string => `\n${"  ".repeat(Math.min(depth, MAX_INDENT))}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s"{}[\],:]+/gs)) {
    if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      out += last === "{" || last === "[" ? token : line() + token;
    } else {
      if (last === "{" || last === "[" || last === ",") out += line();
      else if (last !== "" && token !== "," && token !== ":") out += " ";
      out += token;
      if (token === "{" || token === "[") depth += 1;
    }
    last = token;
  }
  return out;
}
