// ollama.

import { Ollama } from "ollama";
import { z } from "zod";
import * as asked from "./asked.mjs";

const { hello, question, model, url } = asked;
const client = new Ollama({ host: url });
const schema = z.toJSONSchema(asked.Weather);
const ask = { model, messages: question, options: { num_predict: 150, temperature: 0 } };

const done = {};
done.chat = Boolean((await client.chat({ ...ask, messages: hello })).message.content);
const parts = [];
for await (const part of await client.chat({ ...ask, messages: hello, stream: true })) parts.push(part);
done["stream with usage"] = parts.some((part) => part.message.content) && parts.at(-1).eval_count > 0;
const tools = [{ type: "function", function: { name: "get_weather", description: "The weather", parameters: schema } }];
const { message } = await client.chat({ ...ask, tools });
done["tools: auto"] = message.tool_calls?.[0].function.name === "get_weather" || Boolean(message.content);
done.schema = asked.isWeather(JSON.parse((await client.chat({ ...ask, format: schema })).message.content));
done.embeddings = asked.areEmbeddings((await client.embed({ model: asked.embedder, input: ["rain", "sun"] })).embeddings);
// The package does not export the class of its errors.
const isResponseError = { [Symbol.hasInstance]: (error) => error.name === "ResponseError" };
const wrong = (fields) => () => client.chat({ ...ask, ...fields });
done["typed errors"] =
  (await asked.failsWith(isResponseError, wrong({ model: "nothing" }), 404)) &&
  (await asked.failsWith(isResponseError, wrong({ options: { temperature: asked.badTemperature } }), 400));
asked.tell(done);
