// Models that think aloud put it before the answer, between <think> and </think>.

export interface Thought {
  thinking: string;
  answer: string;
  /** True while the thought has no end yet. */
  open: boolean;
}

export function splitThinking(text: string): Thought {
  const start = /^\s*<think>/.exec(text);
  if (!start) return { thinking: "", answer: text, open: false };
  const end = text.indexOf("</think>", start[0].length);
  if (end < 0) return { thinking: text.slice(start[0].length).trim(), answer: "", open: true };
  return {
    thinking: text.slice(start[0].length, end).trim(),
    answer: text.slice(end + "</think>".length).replace(/^\s+/, ""),
    open: false,
  };
}
