"""pydantic-ai."""

import asyncio

import openai
from asked import *
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


def agent(model=MODEL, url=URL, max_retries=0, kind=OpenAIChatModel, temperature=0, **options):
    # A client of its own, because it belongs to the event loop that first uses it.
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=max_retries)
    settings = {"max_tokens": 150, "temperature": temperature}
    return Agent(kind(model, provider=OpenAIProvider(openai_client=client)), model_settings=settings, **options)


async def stream():
    async with agent().run_stream(HELLO) as result:
        text = "".join([part async for part in result.stream_text(delta=True)])
        return bool(text) and result.usage.output_tokens > 0


def say_weather(raining: bool) -> str:
    """Says whether it is raining."""
    return str(raining)


done = {"chat": bool(agent().run_sync(HELLO).output), "stream with usage": asyncio.run(stream())}
done["tools: auto"] = bool(agent(tools=[say_weather]).run_sync(QUESTION).output)
done["tools: required"] = isinstance(agent(output_type=ToolOutput(Weather)).run_sync(QUESTION).output, Weather)
done["schema"] = isinstance(agent(output_type=NativeOutput(Weather)).run_sync(QUESTION).output, Weather)
done["responses"] = bool(agent(kind=OpenAIResponsesModel).run_sync(HELLO).output)
done["typed errors"] = fails_with(ModelHTTPError, lambda: agent("nothing").run_sync(HELLO), 404) and fails_with(
    ModelHTTPError, lambda: agent(temperature=BAD_TEMPERATURE).run_sync(HELLO), 400
)
url, model = busy_server()
done["retry on 429"] = bool(agent(model, url, max_retries=3).run_sync(HELLO).output)
tell(done)
