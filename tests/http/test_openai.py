"""The real binary over real sockets, with the `openai` client: the toy for the protocol, SmolLM2 for sense."""

import concurrent.futures

import openai
import pytest

from conftest import SMOLLM2

HELLO = [{"role": "user", "content": "Hello, who are you?"}]


def text_of(stream):
    """The pieces of a stream joined, its finish reasons, and the usage if one came."""
    text, reasons, usage = "", [], None
    for chunk in stream:
        for choice in chunk.choices:
            text += choice.delta.content or ""
            if choice.finish_reason:
                reasons.append(choice.finish_reason)
        usage = chunk.usage or usage
    return text, reasons, usage


def ask(client, model, messages, **options):
    return client.chat.completions.create(model=model, messages=messages, **options)


# ---- the toy: the protocol


def test_without_a_model_the_toy_answers_and_says_how_to_get_a_real_one(toy):
    rest = []
    while not toy.lines.empty():
        rest.append(toy.lines.get())
    said = "\n".join(toy.greeting + rest)
    assert "gollum pull" in said and "models folder" in said, said
    answer = ask(toy.client(), "toy-1", HELLO)
    assert answer.choices[0].message.content.strip()
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.completion_tokens > 0


def test_models_are_listed(toy):
    models = toy.client().models.list().data
    assert [m.id for m in models] == ["toy-1"]
    assert toy.client().models.retrieve("toy-1").id == "toy-1"


def test_an_unknown_model_is_404_and_names_those_there_are(toy):
    with pytest.raises(openai.NotFoundError) as caught:
        ask(toy.client(), "gpt-4", HELLO)
    assert "toy-1" in str(caught.value)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", "%2e%2e", "x" * 97, "toy-1\x00"])
def test_names_that_could_be_paths_are_unknown_models(toy, name):
    with pytest.raises((openai.NotFoundError, openai.BadRequestError)):
        ask(toy.client(), name, HELLO, max_tokens=1)


def test_stream_and_whole_answer_are_equal(toy):
    client = toy.client()
    options = dict(temperature=0, max_tokens=40, extra_body={"ignore_eos": True})
    whole = ask(client, "toy-1", HELLO, **options)
    text, reasons, usage = text_of(
        ask(client, "toy-1", HELLO, stream=True, stream_options={"include_usage": True}, **options)
    )
    assert text == whole.choices[0].message.content
    assert reasons == ["length"] == [whole.choices[0].finish_reason]
    assert usage.completion_tokens == whole.usage.completion_tokens == 40
    assert usage.prompt_tokens == whole.usage.prompt_tokens


def test_a_seed_makes_a_sampled_answer_repeatable(toy):
    client = toy.client()
    options = dict(temperature=1.0, max_tokens=24)
    texts = [ask(client, "toy-1", HELLO, seed=7, **options).choices[0].message.content for _ in range(2)]
    assert texts[0] == texts[1]


def test_completions_and_stop_strings(toy):
    client = toy.client()
    options = dict(model="toy-1", prompt="one two three", temperature=0, max_tokens=30, extra_body={"ignore_eos": True})
    whole = client.completions.create(**options).choices[0].text
    words = whole.split()
    assert len(words) > 5
    stop = words[4]
    stopped = client.completions.create(stop=[stop], **options).choices[0]
    assert stopped.finish_reason == "stop"
    assert stopped.text == whole[: whole.index(stop)]


def test_bad_requests_are_400_and_name_the_field(toy):
    client = toy.client()
    for field, value in [("temperature", -1), ("top_p", 2), ("max_tokens", 0), ("n", 1000)]:
        with pytest.raises(openai.BadRequestError) as caught:
            ask(client, "toy-1", HELLO, **{field: value})
        assert caught.value.param == field, (field, caught.value.body)
    with pytest.raises(openai.BadRequestError):
        ask(client, "toy-1", [])


def test_probes_and_metrics(toy):
    ask(toy.client(), "toy-1", HELLO, max_tokens=2)
    for path in ("/livez", "/readyz", "/health"):
        assert toy.get(path)[0] == 200, path
    status, text = toy.get("/metrics")
    assert status == 200
    for name in ("gollum_", "vllm:num_requests_running", "vllm:kv_cache_usage_perc"):
        assert name in text, name
    assert toy.get("/version")[0] == 404


def test_many_at_once_get_what_each_gets_alone(toy):
    client = toy.client()

    def answer(number):
        messages = [{"role": "user", "content": f"Tell me about number {number} please"}]
        return ask(client, "toy-1", messages, temperature=0, max_tokens=30).choices[0].message.content

    alone = [answer(n) for n in range(8)]
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        together = list(pool.map(answer, [n % 8 for n in range(24)]))
    assert together == [alone[n % 8] for n in range(24)]


# ---- SmolLM2: sense


def test_a_real_model_knows_the_capital_of_france(smollm2):
    # Its answer to the bare question is nonsense, in llama.cpp to the same letters.
    messages = [{"role": "user", "content": "What is the capital city of France? Answer with one sentence."}]
    answer = ask(smollm2.client(), SMOLLM2, messages, temperature=0, max_tokens=40)
    assert "Paris" in answer.choices[0].message.content
    assert answer.usage.prompt_tokens > 5


def test_a_real_model_streams_the_same_text(smollm2):
    messages = [{"role": "user", "content": "Count from one to five."}]
    options = dict(temperature=0, max_tokens=48)
    whole = ask(smollm2.client(), SMOLLM2, messages, **options).choices[0]
    pieces = list(ask(smollm2.client(), SMOLLM2, messages, stream=True, **options))
    text, reasons, _ = text_of(pieces)
    assert text == whole.message.content
    assert reasons == [whole.finish_reason]
    assert len(pieces) > 5, "a stream comes in pieces"


def test_a_shared_prefix_is_not_computed_twice(smollm2):
    client = smollm2.client()
    system = {"role": "system", "content": "You are a careful helper. " * 20}
    first = ask(client, SMOLLM2, [system, {"role": "user", "content": "Hi"}], temperature=0, max_tokens=4)
    second = ask(client, SMOLLM2, [system, {"role": "user", "content": "Bye"}], temperature=0, max_tokens=4)
    cached = second.usage.prompt_tokens_details.cached_tokens
    assert cached > 100, (first.usage, second.usage)
    assert cached < second.usage.prompt_tokens


def test_together_is_the_same_as_alone(smollm2):
    client = smollm2.client()

    def answer(city):
        messages = [{"role": "user", "content": f"Write one sentence about {city}."}]
        return ask(client, SMOLLM2, messages, temperature=0, max_tokens=24).choices[0].message.content

    cities = ["Paris", "Rome", "Oslo", "Lima"]
    alone = [answer(city) for city in cities]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        # Twice, in another order: cold, warm and batched must agree to the letter.
        assert list(pool.map(answer, cities)) == alone
        assert list(pool.map(answer, reversed(cities))) == list(reversed(alone))


def test_a_prompt_beyond_the_context_is_400_with_the_numbers(smollm2):
    messages = [{"role": "user", "content": "word " * 4000}]
    with pytest.raises(openai.BadRequestError) as caught:
        ask(smollm2.client(), SMOLLM2, messages)
    assert "2048" in str(caught.value)
