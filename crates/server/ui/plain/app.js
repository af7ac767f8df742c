// The chat page. Model output reaches the page through textContent only, never as markup. Addresses are relative:
// a proxy may show the server under a path.
"use strict";

const byId = (id) => document.getElementById(id);
const chat = byId("chat"), input = byId("input"), stopButton = byId("stop"), sendButton = byId("send");
let history = []; // {role, content}, what the server is sent
let running = null; // AbortController of the answer in progress
let served = []; // what /v1/models said

const keyField = byId("key");
keyField.value = sessionStorage.getItem("gollum-key") ?? "";
keyField.addEventListener("change", () => {
  sessionStorage.setItem("gollum-key", keyField.value);
  loadModels();
});

function headers() {
  const all = { "content-type": "application/json" };
  if (keyField.value) all.authorization = "Bearer " + keyField.value;
  return all;
}

function openSettings(open) {
  byId("settings").hidden = !open;
  byId("settings-toggle").setAttribute("aria-expanded", String(open));
}

async function problem(response) {
  if (response.status === 401) openSettings(true);
  try {
    return (await response.json()).error.message;
  } catch {
    return "HTTP " + response.status;
  }
}

async function loadModels() {
  const picker = byId("model");
  try {
    const response = await fetch("v1/models", { headers: headers() });
    if (!response.ok) throw new Error(await problem(response));
    const chosen = picker.value;
    served = (await response.json()).data;
    picker.replaceChildren(...served.map((model) => {
      const option = new Option(model.loaded ? model.id : model.id + " (loads on first use)", model.id);
      option.selected = model.id === chosen;
      return option;
    }));
    showDefaults();
  } catch (error) {
    byId("load").textContent = error.message;
  }
}

// How the chosen model is sampled where the settings say nothing.
function showDefaults() {
  const sampling = served.find((model) => model.id === byId("model").value)?.default_sampling ?? {};
  const short = (value) => (typeof value === "number" ? String(Number(value.toPrecision(4))) : value);
  byId("temperature").placeholder = short(sampling.temperature) ?? "model's";
  byId("defaults").textContent = Object.entries(sampling).map(([name, value]) => `${name} ${short(value)}`).join(" · ");
}

async function showLoad() {
  if (document.hidden) return;
  try {
    const response = await fetch("v1/loads", { headers: headers() });
    if (!response.ok) return;
    const sum = (await response.json()).aggregate;
    byId("load").textContent =
      `${sum.num_running_reqs} running · ${sum.num_waiting_reqs} waiting · KV ${Math.round(sum.token_usage * 100)} %`;
  } catch {
    byId("load").textContent = "server unreachable";
  }
}

function show(role, text) {
  byId("empty")?.remove();
  const article = document.createElement("article");
  const body = document.createElement("div");
  const note = document.createElement("div");
  article.className = "message " + role;
  body.className = "text";
  note.className = "note";
  body.textContent = text;
  article.append(body, note);
  chat.append(article);
  chat.scrollTop = chat.scrollHeight;
  return { article, body, note };
}

// Yields the data of each server-sent event.
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value;
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (line.startsWith("data: ")) yield line.slice(6);
    }
  }
}

function requestBody() {
  const system = byId("system").value.trim();
  const body = {
    model: byId("model").value,
    messages: system ? [{ role: "system", content: system }, ...history] : history,
    stream: true,
    stream_options: { include_usage: true },
  };
  if (byId("temperature").value !== "") body.temperature = Number(byId("temperature").value);
  if (byId("max-tokens").value !== "") body.max_tokens = Number(byId("max-tokens").value);
  return body;
}

async function answer() {
  const mine = history; // a new chat may begin before this answer ends
  const view = show("assistant", "");
  const started = performance.now();
  let firstAt = 0, text = "", usage = null, finished = "";
  view.article.classList.add("busy");
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST", headers: headers(), body: JSON.stringify(requestBody()), signal: running.signal,
    });
    if (!response.ok) throw new Error(await problem(response));
    for await (const data of events(response.body)) {
      if (data === "[DONE]") break;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      usage = chunk.usage ?? usage;
      const choice = chunk.choices[0];
      if (!choice) continue;
      finished = choice.finish_reason ?? finished;
      if (!choice.delta.content) continue;
      firstAt ||= performance.now();
      const follow = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 40;
      text += choice.delta.content;
      view.body.textContent = text;
      if (follow) chat.scrollTop = chat.scrollHeight;
    }
    view.note.textContent = note(usage, started, firstAt, finished);
  } catch (error) {
    if (error.name === "AbortError") {
      view.note.textContent = "stopped";
    } else {
      view.article.classList.add("failed");
      view.note.textContent = error.message;
    }
  }
  view.article.classList.remove("busy");
  if (text) mine.push({ role: "assistant", content: text });
}

function note(usage, started, firstAt, finished) {
  const parts = [];
  if (usage) {
    const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
    parts.push(`${usage.prompt_tokens} prompt tokens (${cached} cached)`, `${usage.completion_tokens} generated`);
    const s = (performance.now() - firstAt) / 1000;
    if (firstAt && usage.completion_tokens > 1 && s > 0.05) parts.push(`${((usage.completion_tokens - 1) / s).toFixed(1)} per second`);
    if (usage.prompt_tokens_details?.prompt_cache_hit) parts.push("replayed");
  }
  if (firstAt) parts.push(`first text after ${((firstAt - started) / 1000).toFixed(2)} s`);
  if (!firstAt) parts.unshift("the model ended its answer at once: it said nothing");
  if (finished === "length") parts.push("cut off by the token limit");
  return parts.join(" · ");
}

async function send() {
  const text = input.value.trim();
  if (!text || running) return;
  running = new AbortController();
  input.value = "";
  input.style.height = "";
  sendButton.hidden = true;
  stopButton.hidden = false;
  show("user", text);
  history.push({ role: "user", content: text });
  await answer();
  running = null;
  sendButton.hidden = false;
  stopButton.hidden = true;
  input.focus();
  loadModels();
  showLoad();
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    send();
  }
});
byId("model").addEventListener("change", showDefaults);
input.addEventListener("input", () => {
  input.style.height = "";
  input.style.height = input.scrollHeight + "px";
});
stopButton.addEventListener("click", () => running?.abort());
byId("settings-toggle").addEventListener("click", () => openSettings(byId("settings").hidden));
byId("new-chat").addEventListener("click", () => {
  running?.abort();
  history = [];
  const empty = document.createElement("p");
  empty.id = "empty";
  empty.textContent = "Ask something.";
  chat.replaceChildren(empty);
  input.focus();
});

loadModels();
showLoad();
setInterval(showLoad, 3000);
