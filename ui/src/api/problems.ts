// What went wrong, in words that say what to do.
import type { Problem } from "../store/types.ts";

export const offline = (): Problem => ({
  kind: "offline",
  title: "The server cannot be reached",
  advice: "Nothing you wrote is lost. If it was stopped, start it again with `gollum serve`, then press Try again.",
});

/** The problem that an answer of the server tells. */
export async function problemOf(response: Response): Promise<Problem> {
  let message = "";
  let code = "";
  try {
    const { error } = (await response.json()) as { error?: { message?: string; code?: string | null } };
    message = error?.message ?? "";
    code = error?.code ?? "";
  } catch {
    message = `the server answered ${response.status}`;
  }
  const after = Number(response.headers.get("retry-after"));
  const retry = Number.isFinite(after) && after > 0 ? { retryAfterS: after } : {};
  return { ...describe(response.status, code, message), ...retry };
}

function describe(status: number, code: string, message: string): Problem {
  const said = message ? `The server says: ${message}.`.replace(/\.\.$/, ".") : "";
  if (status === 401) {
    return { kind: "key", title: "The server wants an API key", advice: "Enter the key that it was started with." };
  }
  if (status === 403) {
    return { kind: "request", title: "The server does not know this page's address", advice: `${said} Start it with --allowed-host and the name you use here.` };
  }
  if (status === 429) {
    return { kind: "busy", title: "Too many requests are waiting", advice: "The queue is full. Your text is kept; try again in a moment, or start the server with a longer queue." };
  }
  if (code === "context_length_exceeded") {
    return { kind: "context", title: "The conversation is longer than the model can read", advice: `${said} Begin a new chat, edit an earlier message to branch off from there, or serve with a longer context (--max-model-len).` };
  }
  if (code === "model_not_found") {
    return { kind: "model", title: "That model is not here any more", advice: "Choose another one at the top of the page." };
  }
  if (code === "model_load_failed") {
    return { kind: "model", title: "The model cannot be loaded", advice: `${said} Choose another one, or see what \`gollum doctor\` says of the file.` };
  }
  if (code === "model_loading") {
    return { kind: "starting", title: "Another model is being loaded", advice: "Try again when it is done." };
  }
  if (code === "draining") {
    return { kind: "starting", title: "The server is shutting down", advice: "Your text is kept. Try again once it is back." };
  }
  if (status === 503) return { kind: "busy", title: "The server has too much to do", advice: `${said} Try again in a moment.` };
  if (status === 413) return { kind: "request", title: "That is more text than the server takes at once", advice: said };
  if (status >= 500) return { kind: "server", title: "The server could not answer", advice: `${said} Its log says more.` };
  return { kind: "request", title: "The server did not accept the request", advice: said };
}
