// Tools as they are typed: what a list of them must be, and examples to begin with.
import { fault, layOut, SHORT, type Checked } from "./json.ts";

/** A function that the model may ask for. */
export interface Tool {
  name: string;
  description?: string;
  /** A JSON schema of its arguments. */
  parameters: object;
}

/** The server's bound. */
const MAX_TOOLS = 128;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const FIELDS = ["name", "description", "parameters", "strict"];

type Fields = Record<string, unknown>;
const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a list of tools, each as itself or in OpenAI's envelope. Nothing typed is no tools. */
export function checkTools(text: string): Checked<Tool[]> {
  if (text.trim() === "") return { value: [] };
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    return { mistake: fault(error) };
  }
  const all = Array.isArray(given) ? given : [given];
  if (all.length > MAX_TOOLS) return { mistake: `${all.length} tools are more than the ${MAX_TOOLS} that the server takes` };
  const tools: Tool[] = [];
  for (const [at, one] of all.entries()) {
    const read = readTool(one);
    if (typeof read === "string") return { mistake: all.length > 1 ? `Tool ${at + 1}: ${read}` : read };
    if (tools.some(({ name }) => name === read.name)) return { mistake: `Tool ${at + 1}: there is a \`${read.name}\` already` };
    tools.push(read);
  }
  return { value: tools };
}

/** A tool, or what is wrong with it. */
function readTool(given: unknown): Tool | string {
  if (!isObject(given)) return "it is no object: { \"name\": …, \"parameters\": … }";
  const one = isObject(given.function) ? given.function : given;
  const { name, description, parameters = { type: "object", properties: {} } } = one;
  if (typeof name !== "string") return "`name` is missing";
  if (!NAME.test(name)) return `\`name\` is \`${name.slice(0, 80)}\`: up to 64 of A–Z, a–z, 0–9, _ and - can be one`;
  const unknown = Object.keys(one).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return `\`${unknown.slice(0, 80)}\` is no field of a tool: there are ${FIELDS.join(", ")}`;
  if (description !== undefined && typeof description !== "string") return "`description` is no text";
  if (!isObject(parameters)) return "`parameters` is no JSON schema: { \"type\": \"object\", \"properties\": … }";
  if (parameters.type !== undefined && parameters.type !== "object") return "`parameters.type` has to be `object`: arguments have names";
  if (parameters.properties !== undefined && !isObject(parameters.properties)) return "`parameters.properties` is no object";
  const known = Object.keys(parameters.properties ?? {});
  const { required = [] } = parameters;
  if (!Array.isArray(required)) return "`parameters.required` is no list of names";
  const missing = required.find((one) => typeof one !== "string" || !known.includes(one));
  if (missing !== undefined) return `\`parameters.required\` names ${JSON.stringify(missing)}, which is no property`;
  return { name, ...(description === undefined ? {} : { description }), parameters };
}

/** The text with one more tool in it; `null` where it has a mistake. */
export function withTool(text: string, tool: Tool): string | null {
  const { value } = checkTools(text);
  if (!value) return null;
  return layOut(JSON.stringify([...value.filter(({ name }) => name !== tool.name), tool]), SHORT);
}

/** The first two are computed by the page (`builtin.ts`); of the third, whoever asks knows the result. */
export const EXAMPLES: readonly (Tool & { label: string })[] = [
  {
    label: "Calculator", name: "calculator", description: "Computes an arithmetic expression.",
    parameters: { type: "object", properties: { expression: { type: "string", description: "such as 2 * (3 + 4)" } }, required: ["expression"] },
  },
  {
    label: "Current time", name: "current_time", description: "Tells the date and the time of day.",
    parameters: { type: "object", properties: { time_zone: { type: "string", description: "such as Europe/Paris" } }, required: [] },
  },
  {
    label: "Weather", name: "get_weather", description: "Tells the weather in a city.",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { type: "string", enum: ["celsius", "fahrenheit"] } },
      required: ["city"],
    },
  },
];
