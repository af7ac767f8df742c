"""Clients of three APIs, each its own package, against one binary with SmolLM2: text, streams, calls, schemas, errors."""

import json

import anthropic
import ollama
import openai
import pytest

from conftest import SMOLLM2

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "maxLength": 30}, "unit": {"enum": ["c", "f"]}},
    "required": ["city", "unit"],
    "additionalProperties": False,
}
FUNCTION = {"name": "get_weather", "description": "The weather of a city", "parameters": SCHEMA}
TOOLS = [{"type": "function", "function": FUNCTION}]
ASK = [{"role": "user", "content": "What is the weather in Paris?"}]


def validates(arguments):
    assert set(arguments) == {"city", "unit"}, arguments
    assert isinstance(arguments["city"], str) and len(arguments["city"]) <= 30
    assert arguments["unit"] in ("c", "f")


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_openai_calls_validate_streamed_or_not(smollm2, choice):
    client = smollm2.client()
    options = dict(model=SMOLLM2, messages=ASK, tools=TOOLS, tool_choice=choice, max_tokens=150, seed=1)
    whole = client.chat.completions.create(**options).choices[0]
    assert whole.finish_reason == "tool_calls"
    call = whole.message.tool_calls[0]
    validates(json.loads(call.function.arguments))
    name, arguments = "", ""
    for chunk in client.chat.completions.create(stream=True, **options):
        for part in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
            name += part.function.name or ""
            arguments += part.function.arguments or ""
    assert (name, arguments) == ("get_weather", call.function.arguments)


def test_openai_schemas_are_kept_to(smollm2):
    form = {"type": "json_schema", "json_schema": {"name": "weather", "schema": SCHEMA, "strict": True}}
    for seed in range(5):
        answer = smollm2.client().chat.completions.create(
            model=SMOLLM2, messages=ASK, response_format=form, max_tokens=120, seed=seed
        )
        assert answer.choices[0].finish_reason == "stop"
        validates(json.loads(answer.choices[0].message.content))
    form["json_schema"]["schema"] = {"type": "no such type"}
    with pytest.raises(openai.BadRequestError):
        smollm2.client().chat.completions.create(model=SMOLLM2, messages=ASK, response_format=form)


def test_anthropics_client_streams_and_calls(smollm2):
    client = anthropic.Anthropic(base_url=smollm2.url, api_key="none")
    with client.messages.stream(model=SMOLLM2, max_tokens=20, messages=ASK) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text and text == final.content[0].text
    assert final.stop_reason in ("end_turn", "max_tokens") and final.usage.output_tokens > 0
    answer = client.messages.create(
        model=SMOLLM2,
        max_tokens=150,
        messages=ASK,
        tools=[{"name": "get_weather", "input_schema": SCHEMA}],
        tool_choice={"type": "tool", "name": "get_weather"},
    )
    assert answer.stop_reason == "tool_use"
    validates(answer.content[0].input)
    assert client.messages.count_tokens(model=SMOLLM2, messages=ASK).input_tokens > 5
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="nothing", max_tokens=1, messages=ASK)


def test_ollamas_client_streams_and_keeps_to_a_format(smollm2):
    client = ollama.Client(host=smollm2.url)
    parts = list(client.chat(model=SMOLLM2, messages=ASK, stream=True, options={"num_predict": 12}))
    assert "".join(part.message.content for part in parts) and parts[-1].done
    assert parts[-1].eval_count > 0 and parts[-1].total_duration > 0
    formed = client.generate(
        model=SMOLLM2, prompt="The weather in Paris", format=SCHEMA, options={"num_predict": 150, "seed": 1}
    )
    validates(json.loads(formed.response))
    assert SMOLLM2 in [model.model for model in client.list().models]
    with pytest.raises(ollama.ResponseError):
        client.chat(model="nothing", messages=ASK)
