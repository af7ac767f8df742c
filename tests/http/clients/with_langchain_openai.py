"""langchain-openai: what it can do against the server at argv[1], as one JSON object on stdout."""

import json
import sys

import pydantic
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


class Weather(pydantic.BaseModel):
    """The weather of a city."""

    city: str = pydantic.Field(max_length=30)
    raining: bool


@tool
def get_weather(raining: bool) -> str:
    """Says whether it is raining."""
    return str(raining)


url, model = sys.argv[1:]
chat = ChatOpenAI(base_url=f"{url}/v1", api_key="none", model=model, max_tokens=150, temperature=0, max_retries=0)
done = {}
done["chat"] = bool(chat.invoke("Say hello.").content)
chunks = list(chat.stream("Say hello.", stream_usage=True))
done["stream with usage"] = bool("".join(c.content for c in chunks)) and any(c.usage_metadata for c in chunks)
called = chat.bind_tools([get_weather], tool_choice="get_weather").invoke("Is it raining?")
done["tools"] = called.tool_calls[0]["name"] == "get_weather" and isinstance(called.tool_calls[0]["args"]["raining"], bool)
done["schema"] = isinstance(chat.with_structured_output(Weather, method="json_schema").invoke("Paris?"), Weather)
responses = ChatOpenAI(
    base_url=f"{url}/v1", api_key="none", model=model, use_responses_api=True, max_tokens=50, max_retries=0
)
done["responses"] = bool(responses.invoke("Say hello.").text)
print(json.dumps(done))
