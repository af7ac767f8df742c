"""pydantic-ai: what it can do against the server at argv[1], as one JSON object on stdout."""

import asyncio
import json
import sys

import pydantic
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Weather(pydantic.BaseModel):
    """The weather of a city."""

    city: str = pydantic.Field(max_length=30)
    raining: bool


url, name = sys.argv[1:]
provider = OpenAIProvider(base_url=f"{url}/v1", api_key="none")
model = OpenAIChatModel(name, provider=provider)
settings = {"max_tokens": 150, "temperature": 0}


async def stream():
    async with Agent(model, model_settings=settings).run_stream("Say hello.") as result:
        text = "".join([part async for part in result.stream_text(delta=True)])
        return bool(text) and result.usage.output_tokens > 0


done = {}
done["chat"] = bool(Agent(model, model_settings=settings).run_sync("Say hello.").output)
done["stream with usage"] = asyncio.run(stream())
agent = Agent(model, output_type=ToolOutput(Weather), model_settings=settings)
done["tools"] = isinstance(agent.run_sync("Is it raining in Paris?").output, Weather)
agent = Agent(model, output_type=NativeOutput(Weather), model_settings=settings)
done["schema"] = isinstance(agent.run_sync("Is it raining in Paris?").output, Weather)
responses = OpenAIResponsesModel(name, provider=provider)
done["responses"] = bool(Agent(responses, model_settings=settings).run_sync("Say hello.").output)
print(json.dumps(done))
