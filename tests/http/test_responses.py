"""OpenAI's client for Responses against the real binary with SmolLM2: whole, streamed, parsed, kept, continued."""

import json

import openai
import pydantic
import pytest

from conftest import SMOLLM2

TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 30}, "unit": {"enum": ["c", "f"]}},
        "required": ["city", "unit"],
        "additionalProperties": False,
    },
}


class Weather(pydantic.BaseModel):
    raining: bool
    wind: int = pydantic.Field(ge=0, le=99)


def test_an_answer_is_text_and_is_kept(smollm2):
    client = smollm2.client()
    answer = client.responses.create(model=SMOLLM2, input="Say hello.", max_output_tokens=16, temperature=0)
    assert answer.output_text and answer.status in ("completed", "incomplete")
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert client.responses.retrieve(answer.id).output_text == answer.output_text
    more = client.responses.create(
        model=SMOLLM2, input="And again.", previous_response_id=answer.id, max_output_tokens=8
    )
    assert more.usage.input_tokens > answer.usage.input_tokens
    client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)


def test_a_stream_adds_up_to_its_last_response(smollm2):
    with smollm2.client().responses.stream(
        model=SMOLLM2, input="Is it raining?", max_output_tokens=100, temperature=0, text_format=Weather
    ) as stream:
        events = list(stream)
        final = stream.get_final_response()
    deltas = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert deltas and deltas == final.output_text
    assert [e.sequence_number for e in events] == sorted(e.sequence_number for e in events)


def test_calls_and_parsed_forms_validate(smollm2):
    client = smollm2.client()
    answer = client.responses.create(
        model=SMOLLM2,
        input="What is the weather in Paris?",
        tools=[TOOL],
        tool_choice="required",
        max_output_tokens=150,
    )
    call = next(item for item in answer.output if item.type == "function_call")
    assert call.name == "get_weather" and json.loads(call.arguments)["unit"] in ("c", "f")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "It rains."}
    more = client.responses.create(
        model=SMOLLM2, input=[output], previous_response_id=answer.id, max_output_tokens=16
    )
    assert more.output_text
    parsed = client.responses.parse(
        model=SMOLLM2, input="Is it raining?", text_format=Weather, max_output_tokens=100
    )
    assert isinstance(parsed.output_parsed, Weather)


def test_the_background_can_be_waited_for(smollm2):
    client = smollm2.client()
    answer = client.responses.create(model=SMOLLM2, input="Hi", background=True, max_output_tokens=4)
    assert answer.status == "in_progress"
    long = client.responses.create(model=SMOLLM2, input="Hi", background=True, max_output_tokens=1500)
    assert client.responses.cancel(long.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=SMOLLM2, input="Hi", tools=[{"type": "web_search"}])
