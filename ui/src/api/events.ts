// Server-sent events over fetch: EventSource can carry neither a key nor a body.

/** Characters of one event at most: what is longer is no server of ours. */
const MAX_EVENT = 64 << 20;

/** Yields the data of each event. */
export async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      let from = 0;
      for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n", from)) {
        const event = buffer.slice(from, end);
        from = end + 2;
        if (event.startsWith("data: ")) yield event.slice(6);
      }
      buffer = buffer.slice(from);
      if (buffer.length > MAX_EVENT) throw new Error("the server sent an event without an end");
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
