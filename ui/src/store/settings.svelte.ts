// What belongs to this browser rather than to a conversation. Kept in localStorage.
import { readSampling, readSchema, readTools } from "./transfer.ts";
import type { AskedSchema, AskedTools, Sampling } from "./types.ts";

export type Theme = "auto" | "light" | "dark";

export interface Preset {
  name: string;
  text: string;
  /** What comes with it, where something does. */
  tools?: AskedTools;
  schema?: AskedSchema;
}

export const PRESETS: Preset[] = [
  { name: "Plain and short", text: "Answer plainly and briefly. If you are not sure, say so." },
  { name: "Patient teacher", text: "You are a patient teacher. Explain step by step, with one small example, and end with a question that checks understanding." },
  { name: "Careful programmer", text: "You are a careful programmer. Give complete, runnable code in fenced blocks, name the edge cases, and prefer the standard library." },
  { name: "Editor", text: "You are an editor. Improve the text I send: keep its meaning and voice, fix mistakes, and list what you changed." },
];
export const MAX_PRESETS = 50;

interface Kept {
  theme: Theme;
  model: string | null;
  sidebar: boolean;
  sampling: Sampling;
  system: string;
  presets: Preset[];
}

const KEY = "gollum-settings";

function load(): Kept {
  const kept: Kept = { theme: "auto", model: null, sidebar: true, sampling: {}, system: "", presets: [] };
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Record<keyof Kept, unknown>>;
    if (found.theme === "light" || found.theme === "dark") kept.theme = found.theme;
    if (typeof found.model === "string") kept.model = found.model;
    if (found.sidebar === false) kept.sidebar = false;
    if (typeof found.system === "string") kept.system = found.system;
    kept.sampling = readSampling(found.sampling);
    if (Array.isArray(found.presets)) {
      kept.presets = found.presets.filter((one): one is Preset => typeof one?.name === "string" && typeof one?.text === "string").slice(0, MAX_PRESETS).map(readPreset);
    }
  } catch {
    // A browser that keeps nothing has a page with the defaults.
  }
  return kept;
}

function readPreset({ name, text, tools, schema }: Preset): Preset {
  return { name, text, ...(tools ? { tools: readTools(tools) } : {}), ...(schema ? { schema: readSchema(schema) } : {}) };
}

export const settings = $state<Kept>(load());

export function keepSettings(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // The settings hold for as long as the page is open.
  }
}

const wantsDark = matchMedia("(prefers-color-scheme: dark)");
wantsDark.addEventListener("change", () => applyTheme());

export function applyTheme(): void {
  const dark = settings.theme === "dark" || (settings.theme === "auto" && wantsDark.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function setTheme(theme: Theme): void {
  settings.theme = theme;
  keepSettings();
  applyTheme();
}
