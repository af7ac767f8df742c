// openai.

import OpenAI, { BadRequestError, NotFoundError } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import * as asked from "./asked.mjs";

const { hello, question, model, url } = asked;
const connect = (url, maxRetries = 0) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries });
const client = connect(url);
const ask = { model, messages: question, max_tokens: 150, temperature: 0 };
const parameters = z.toJSONSchema(asked.Weather);
const tools = [{ type: "function", function: { name: "get_weather", parameters } }];

async function calls(tool_choice) {
  const { message } = (await client.chat.completions.create({ ...ask, tools, tool_choice })).choices[0];
  const [call] = message.tool_calls ?? [];
  const isCall = call?.function.name === "get_weather" && asked.isWeather(JSON.parse(call.function.arguments));
  return { text: message.content, call, isCall };
}

const done = {};
done.chat = Boolean((await client.chat.completions.create({ ...ask, messages: hello })).choices[0].message.content);
const stream = client.chat.completions.stream({ ...ask, messages: hello, stream_options: { include_usage: true } });
const streamed = await stream.finalChatCompletion();
done["stream with usage"] = Boolean(streamed.choices[0].message.content) && streamed.usage.completion_tokens > 0;
const [auto, none] = [await calls("auto"), await calls("none")];
done["tools: auto"] = auto.isCall || Boolean(auto.text);
done["tools: none"] = Boolean(none.text) && !none.call;
done["tools: required"] = (await calls("required")).isCall;
done["tools: named"] = (await calls({ type: "function", function: { name: "get_weather" } })).isCall;
const response_format = zodResponseFormat(asked.Weather, "weather");
done.schema = asked.isWeather((await client.chat.completions.parse({ ...ask, response_format })).choices[0].message.parsed);
const { data } = await client.embeddings.create({ model: asked.embedder, input: ["rain", "sun"] });
done.embeddings = asked.areEmbeddings(data.map((one) => one.embedding));
done.responses = Boolean((await client.responses.create({ model, input: "Say hello.", max_output_tokens: 50 })).output_text);
const wrong = (fields) => () => client.chat.completions.create({ ...ask, ...fields });
done["typed errors"] =
  (await asked.failsWith(NotFoundError, wrong({ model: "nothing" }), 404)) &&
  (await asked.failsWith(BadRequestError, wrong({ temperature: asked.badTemperature }), 400));
const [busy, toy] = await asked.busyServer();
const again = await connect(busy, 3).chat.completions.create({ model: toy, messages: hello, max_tokens: 5 });
done["retry on 429"] = Boolean(again.choices[0].message.content);
asked.tell(done);
