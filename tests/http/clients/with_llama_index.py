"""llama-index, by way of its classes for servers that are like OpenAI's."""

import openai
from asked import *
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai_like import OpenAILike


def say_weather(raining: bool) -> str:
    """Says whether it is raining."""
    return str(raining)


def llm(url=URL, model=MODEL, **options):
    options = {"max_tokens": 150, "temperature": 0, "max_retries": 0, **options}
    return OpenAILike(
        api_base=f"{url}/v1",
        api_key="none",
        model=model,
        context_window=2048,
        is_chat_model=True,
        is_function_calling_model=True,
        should_use_structured_outputs=True,
        **options,
    )


def calls(**options):
    answer = llm().chat_with_tools([FunctionTool.from_defaults(say_weather)], user_msg=QUESTION, **options)
    made = llm().get_tool_calls_from_response(answer, error_on_no_tool_call=False)
    return answer.message.content, [call.tool_name for call in made if isinstance(call.tool_kwargs["raining"], bool)]


hello = [ChatMessage(role="user", content=HELLO)]
done = {"chat": bool(llm().chat(hello).message.content)}
chunks = list(llm(additional_kwargs={"stream_options": {"include_usage": True}}).stream_chat(hello))
done["stream with usage"] = bool(chunks[-1].message.content) and chunks[-1].raw.usage.completion_tokens > 0
text, made = calls(tool_choice="auto")
done["tools: auto"] = bool(text) or made == ["say_weather"]
text, made = calls(tool_choice="none")
done["tools: none"] = bool(text) and not made
done["tools: required"] = calls(tool_required=True)[1] == ["say_weather"]
done["tools: named"] = calls(tool_choice="say_weather")[1] == ["say_weather"]
done["schema"] = isinstance(llm().as_structured_llm(Weather).chat([ChatMessage(content=QUESTION)]).raw, Weather)
embedder = OpenAILikeEmbedding(model_name=EMBEDDER, api_base=f"{URL}/v1", api_key="none")
done["embeddings"] = are_embeddings(embedder.get_text_embedding_batch(["rain", "sun"]))
done["typed errors"] = fails_with(openai.NotFoundError, lambda: llm(model="nothing").chat(hello), 404) and fails_with(
    openai.BadRequestError, lambda: llm(additional_kwargs={"temperature": BAD_TEMPERATURE}).chat(hello), 400
)
url, model = busy_server()
done["retry on 429"] = bool(llm(url, model, max_tokens=5, max_retries=3).chat(hello).message.content)
tell(done)
