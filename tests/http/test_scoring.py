"""Log-likelihoods as evaluation harnesses ask for them: the requests of lm-evaluation-harness's `local-completions`
(ids, `echo`, `logprobs: 1`, `max_tokens: 1`, batches) and of older clients (`max_tokens: 0`), read as they read them.
"""

import math

import pytest

from test_sharing import Model


@pytest.fixture(params=["toy", "smollm2"])
def model(request):
    server = request.getfixturevalue(request.param)
    return Model(server, "toy-1" if request.param == "toy" else "SmolLM2-135M-Instruct.Q4_1")


def ids_of(model, text):
    return model.post("/tokenize", prompt=text)[1]["tokens"]


def likelihoods(model, pairs, max_tokens):
    """Log-likelihood of each continuation, and whether it is the greedy one: the harness's own arithmetic."""
    contexts = [ids_of(model, context) for context, _ in pairs]
    prompts = [ids_of(model, context + continuation) for context, continuation in pairs]
    _, answer = model.post(
        "/v1/completions",
        prompt=prompts, temperature=0, max_tokens=max_tokens, logprobs=1, seed=1234, echo=True,
    )
    results = []
    for choice, context, prompt in zip(sorted(answer["choices"], key=lambda c: c["index"]), contexts, prompts):
        lists = choice["logprobs"]
        assert len(lists["token_logprobs"]) == len(prompt) + max_tokens
        assert lists["token_logprobs"][0] is None and lists["top_logprobs"][0] is None
        end = len(prompt)
        chances = lists["token_logprobs"][len(context):end]
        tops = lists["top_logprobs"][len(context):end]
        greedy = all(chance == max(top.values()) for chance, top in zip(chances, tops))
        results.append((sum(chances), greedy))
    return results


@pytest.mark.parametrize("max_tokens", [0, 1])
def test_what_the_model_says_itself_is_greedy_and_likelier(model, max_tokens):
    context = "The capital of France is"
    _, answer = model.post(
        "/v1/completions", prompt=context, temperature=0, max_tokens=8, logprobs=1, ignore_eos=True
    )
    own = answer["choices"][0]
    pairs = [(context, own["text"]), (context, " zebra" * 8)]
    (said, is_greedy), (other, other_is_greedy) = likelihoods(model, pairs, max_tokens)
    if ids_of(model, context + own["text"]) == ids_of(model, context) + ids_of(model, own["text"]):
        assert is_greedy
        assert math.isclose(said, sum(own["logprobs"]["token_logprobs"]), abs_tol=1e-4)
    assert not other_is_greedy and other < said


def test_a_choice_among_answers(smollm2):
    model = Model(smollm2, "SmolLM2-135M-Instruct.Q4_1")
    context = "Question: What is the capital of France?\nAnswer:"
    answers = [" Paris", " a sandwich", " green"]
    scores = likelihoods(model, [(context, answer) for answer in answers], 1)
    assert max(range(3), key=lambda index: scores[index][0]) == 0, scores
    again = likelihoods(model, [(context, answer) for answer in answers], 1)
    assert again == scores, "the same numbers when the prefix is in the cache"


def test_a_prompt_is_told_of_as_its_echo_is(model):
    """vLLM's `prompt_logprobs`: the same numbers, with ranks, in completions and in chats, alone and in a batch."""
    prompts = [ids_of(model, text) for text in ("The capital of France is Paris.", "The capital of Spain is green.")]
    _, batch = model.post("/v1/completions", prompt=prompts, max_tokens=1, temperature=0, prompt_logprobs=3)
    for choice, prompt in zip(batch["choices"], prompts):
        told = choice["prompt_logprobs"]
        assert len(told) == len(prompt) and told[0] is None
        _, echo = model.post("/v1/completions", prompt=prompt, max_tokens=0, echo=True, logprobs=3)
        lists = echo["choices"][0]["logprobs"]
        for token, entry, logprob, top in zip(prompt[1:], told[1:], lists["token_logprobs"][1:], lists["top_logprobs"][1:]):
            own = entry[str(token)]
            assert own["logprob"] == logprob
            assert sorted(chance["logprob"] for chance in entry.values()) == sorted(top.values())
            ranks = [chance["rank"] for chance in entry.values()]
            assert {1, 2, 3} <= set(ranks) and len(ranks) == 3 + (own["rank"] > 3)
            better = sum(chance["logprob"] > logprob for chance in entry.values())
            assert own["rank"] > better, "a rank is a place among all tokens"
        _, alone = model.post("/v1/completions", prompt=prompt, max_tokens=1, temperature=0, prompt_logprobs=3)
        assert alone["choices"][0]["prompt_logprobs"] == told
    messages = [{"role": "user", "content": "Hi"}]
    _, chat = model.post("/v1/chat/completions", messages=messages, max_tokens=1, prompt_logprobs=1)
    prompt = model.post("/tokenize", messages=messages)[1]["tokens"]
    assert [str(token) in entry for token, entry in zip(prompt[1:], chat["prompt_logprobs"][1:])] == [True] * (len(prompt) - 1)
