// @anthropic-ai/sdk.

import Anthropic, { BadRequestError, NotFoundError } from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import * as asked from "./asked.mjs";

const { hello, question, model, url } = asked;
const connect = (baseURL, maxRetries = 0) => new Anthropic({ baseURL, apiKey: "none", maxRetries });
const client = connect(url);
const ask = { model, messages: question, max_tokens: 150, temperature: 0 };
const tools = [{ name: "get_weather", input_schema: z.toJSONSchema(asked.Weather) }];
const block = (message, type) => message.content.find((one) => one.type === type);

async function calls(tool_choice) {
  const message = await client.messages.create({ ...ask, tools, tool_choice });
  const call = block(message, "tool_use");
  return { text: block(message, "text")?.text, call, isCall: call?.name === "get_weather" && asked.isWeather(call.input) };
}

const done = {};
done.chat = Boolean(block(await client.messages.create({ ...ask, messages: hello }), "text").text);
const streamed = await client.messages.stream({ ...ask, messages: hello }).finalMessage();
done["stream with usage"] = Boolean(block(streamed, "text").text) && streamed.usage.output_tokens > 0;
const [auto, none] = [await calls({ type: "auto" }), await calls({ type: "none" })];
done["tools: auto"] = auto.isCall || Boolean(auto.text);
done["tools: none"] = Boolean(none.text) && !none.call;
done["tools: required"] = (await calls({ type: "any" })).isCall;
done["tools: named"] = (await calls({ type: "tool", name: "get_weather" })).isCall;
const output_config = { format: zodOutputFormat(asked.Weather) };
done.schema = asked.isWeather((await client.messages.parse({ ...ask, output_config })).parsed_output);
const wrong = (fields) => () => client.messages.create({ ...ask, ...fields });
done["typed errors"] =
  (await asked.failsWith(NotFoundError, wrong({ model: "nothing" }), 404)) &&
  (await asked.failsWith(BadRequestError, wrong({ temperature: asked.badTemperature }), 400));
const [busy, toy] = await asked.busyServer();
const again = await connect(busy, 3).messages.create({ model: toy, messages: hello, max_tokens: 5 });
done["retry on 429"] = Boolean(block(again, "text").text);
asked.tell(done);
