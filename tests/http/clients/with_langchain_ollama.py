"""langchain-ollama."""

import ollama
from asked import *
from langchain_core.tools import tool
from langchain_ollama import ChatOllama, OllamaEmbeddings


@tool
def get_weather(raining: bool) -> str:
    """Says whether it is raining."""
    return str(raining)


def chat(model=MODEL, temperature=0):
    return ChatOllama(base_url=URL, model=model, num_predict=150, temperature=temperature)


done = {"chat": bool(chat().invoke(HELLO).content)}
chunks = list(chat().stream(HELLO))
done["stream with usage"] = bool("".join(c.content for c in chunks)) and any(c.usage_metadata for c in chunks)
auto = chat().bind_tools([get_weather]).invoke(QUESTION)
done["tools: auto"] = bool(auto.content) or auto.tool_calls[0]["name"] == "get_weather"
done["schema"] = isinstance(chat().with_structured_output(Weather, method="json_schema").invoke(QUESTION), Weather)
vectors = OllamaEmbeddings(base_url=URL, model=EMBEDDER).embed_documents(["rain", "sun"])
done["embeddings"] = are_embeddings(vectors)
done["typed errors"] = fails_with(ollama.ResponseError, lambda: chat("nothing").invoke(HELLO), 404) and fails_with(
    ollama.ResponseError, lambda: chat(temperature=BAD_TEMPERATURE).invoke(HELLO), 400
)
tell(done)
