"""langchain-openai."""

import openai
from asked import *
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings


@tool
def get_weather(raining: bool) -> str:
    """Says whether it is raining."""
    return str(raining)


def chat(url=URL, model=MODEL, **options):
    options = {"max_tokens": 150, "temperature": 0, "max_retries": 0, **options}
    return ChatOpenAI(base_url=f"{url}/v1", api_key="none", model=model, **options)


def calls(choice):
    return chat().bind_tools([get_weather], tool_choice=choice).invoke(QUESTION)


def is_call(answer):
    return [call["name"] for call in answer.tool_calls] == ["get_weather"] and isinstance(
        answer.tool_calls[0]["args"]["raining"], bool
    )


done = {"chat": bool(chat().invoke(HELLO).content)}
chunks = list(chat().stream(HELLO, stream_usage=True))
done["stream with usage"] = bool("".join(c.content for c in chunks)) and any(c.usage_metadata for c in chunks)
auto, none = calls("auto"), calls("none")
done["tools: auto"] = bool(auto.content) or is_call(auto)
done["tools: none"] = bool(none.content) and not none.tool_calls
done["tools: required"] = is_call(calls("required"))
done["tools: named"] = is_call(calls("get_weather"))
done["schema"] = isinstance(chat().with_structured_output(Weather, method="json_schema").invoke(QUESTION), Weather)
embeddings = OpenAIEmbeddings(base_url=f"{URL}/v1", api_key="none", model=EMBEDDER, check_embedding_ctx_length=False)
done["embeddings"] = are_embeddings(embeddings.embed_documents(["rain", "sun"]))
done["responses"] = bool(chat(use_responses_api=True).invoke(HELLO).text)
done["typed errors"] = fails_with(openai.NotFoundError, lambda: chat(model="nothing").invoke(HELLO), 404) and fails_with(
    openai.BadRequestError, lambda: chat(temperature=BAD_TEMPERATURE).invoke(HELLO), 400
)
url, model = busy_server()
done["retry on 429"] = bool(chat(url, model, max_tokens=5, max_retries=3).invoke(HELLO).content)
tell(done)
