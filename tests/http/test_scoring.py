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
