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
/** Characters of what stays in one line, where short things may. */
export const SHORT = 60;

/**
 * Lays JSON out with two spaces a level; what takes no more than `short` characters stays in one line. Works on text, and not
 * on values, so that long numbers and repeated keys stay as they are, and so that what still grows is laid out as far as it
 * goes. What is no JSON comes out the same but for its white space.
 */
export function layOut(text: string, short = 0): string {
  const tokens = text.match(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}[\],:]|[^\s"{}[\],:]+/gs) ?? [];
  const ends = shortOnes(tokens, short);
  let out = "";
  let depth = 0;
  /** Where what stays in one line ends. */
  let until = -1;
  for (const [at, token] of tokens.entries()) {
    const opens = token === "{" || token === "[";
    if (token === "}" || token === "]") depth = Math.max(0, depth - 1);
    const between = gap(tokens[at - 1] ?? "", token, at <= until);
    out += (between === "\n" ? `\n${"  ".repeat(Math.min(depth, MAX_INDENT))}` : between) + token;
    if (opens) depth += 1;
    if (opens && at > until) until = ends.get(at) ?? until;
  }
  return out;
}

/** What stands between two tokens. */
function gap(last: string, token: string, inOneLine: boolean): "" | " " | "\n" {
  if (last === "" || token === "," || token === ":") return "";
  const [opened, closes] = [last === "{" || last === "[", token === "}" || token === "]"];
  if ((opened && closes) || (inOneLine && (last === "[" || token === "]"))) return "";
  return (opened || closes || last === ",") && !inOneLine ? "\n" : " ";
}

/** Of those objects and lists that take at most `short` characters: where they begin, and where they end. */
function shortOnes(tokens: readonly string[], short: number): Map<number, number> {
  const found = new Map<number, number>();
  const open: { at: number; chars: number }[] = [];
  let chars = 0;
  for (const [at, token] of tokens.entries()) {
    if (token === "{" || token === "[") open.push({ at, chars });
    // Behind most tokens comes a space.
    chars += token.length + 1;
    if (token !== "}" && token !== "]") continue;
    const begun = open.pop();
    if (begun && chars - begun.chars <= short) found.set(begun.at, at);
  }
  return found;
}
