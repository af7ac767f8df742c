// Vercel's ai, by way of @ai-sdk/openai-compatible.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateText, streamText, tool } from "ai";
import * as asked from "./asked.mjs";

const { url, hello, question } = asked;
const connect = (url) =>
  createOpenAICompatible({ name: "gollum", baseURL: `${url}/v1`, includeUsage: true, supportsStructuredOutputs: true });
const server = connect(url);
const ask = { model: server(asked.model), messages: question, maxOutputTokens: 150, temperature: 0, maxRetries: 0 };
const tools = { get_weather: tool({ description: "The weather", inputSchema: asked.Weather }) };

async function calls(toolChoice) {
  const { text, toolCalls } = await generateText({ ...ask, tools, toolChoice });
  const [call] = toolCalls;
  return { text, call, isCall: call?.toolName === "get_weather" && asked.isWeather(call.input) };
}

const done = {};
done.chat = Boolean((await generateText({ ...ask, messages: hello })).text);
const stream = streamText({ ...ask, messages: hello });
done["stream with usage"] = Boolean(await stream.text) && (await stream.usage).outputTokens > 0;
const [auto, none] = [await calls("auto"), await calls("none")];
done["tools: auto"] = auto.isCall || Boolean(auto.text);
done["tools: none"] = Boolean(none.text) && !none.call;
done["tools: required"] = (await calls("required")).isCall;
done["tools: named"] = (await calls({ type: "tool", toolName: "get_weather" })).isCall;
const output = Output.object({ schema: asked.Weather });
done.schema = asked.isWeather((await generateText({ ...ask, output })).output);
const { embeddings } = await embedMany({ model: server.embeddingModel(asked.embedder), values: ["rain", "sun"] });
done.embeddings = asked.areEmbeddings(embeddings);
const wrong = (fields) => () => generateText({ ...ask, ...fields });
done["typed errors"] =
  (await asked.failsWith(APICallError, wrong({ model: server("nothing") }), 404)) &&
  (await asked.failsWith(APICallError, wrong({ temperature: asked.badTemperature }), 400));
const [busy, toy] = await asked.busyServer();
const again = await generateText({ model: connect(busy)(toy), messages: hello, maxOutputTokens: 5, maxRetries: 3 });
done["retry on 429"] = Boolean(again.text);
asked.tell(done);
