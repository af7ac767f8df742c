"""Structured output at scale: what SmolLM2 answers under random schemas, judged by a validator that knows nothing of us.

Short here; GOLLUM_SCHEMA_ANSWERS sets how many answers random schemas get, and adds the public test suite of JSON Schema
(docs/proofs.md). An answer that ends by itself validates; a schema that cannot be enforced is a 400 that says why.
"""

import collections
import concurrent.futures
import json
import os
import re

import jsonschema
import openai
import pytest

from conftest import ROOT, SMOLLM2
from schemas import random_schemas, suite_schemas

ANSWERS = int(os.environ.get("GOLLUM_SCHEMA_ANSWERS", "0"))
SHORT_ANSWERS = 40
ANSWERS_EACH = 10
SHORT_ANSWERS_EACH = 2
SUITE_SCHEMAS = 100
SUITE_ANSWERS_EACH = 2
AT_ONCE = 16
MAX_TOKENS = 400
# As the model would, and nearly at random: what it would never say finds what a grammar lets through.
TEMPERATURES = [0.8, 1.5, 20]
SEED = int(os.environ.get("GOLLUM_SCHEMA_SEED", "1"))


def answer(client, schema, seed):
    """What came of a request: `validated`, `cut`, `refused: why`, `too busy`, or `WRONG ...`."""
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    ask = [{"role": "user", "content": "Make up a short example."}]
    try:
        whole = client.chat.completions.create(
            model=SMOLLM2, messages=ask, response_format=form, seed=seed, max_tokens=MAX_TOKENS,
            temperature=TEMPERATURES[seed % len(TEMPERATURES)],
        )
    except openai.BadRequestError as error:
        if "template_limit" in str(error):
            return "too busy: the template ran out of time"
        is_named = error.param == "response_format.json_schema.schema" and len(error.body["message"]) > len(error.param)
        return f"refused: {reason(error.body['message'])}" if is_named else f"WRONG refusal: {error}"
    except openai.APIError as error:
        return f"WRONG error: {error}"
    choice = whole.choices[0]
    if choice.finish_reason != "stop":
        return "cut"
    try:
        jsonschema.Draft202012Validator(schema).validate(json.loads(choice.message.content))
    except (ValueError, jsonschema.ValidationError) as error:
        return f"WRONG answer: {choice.message.content!r}: {str(error).splitlines()[0]}"
    return "validated"


def reason(message):
    """A refusal without the names and numbers that are one schema's own."""
    return re.sub(r"\s+", " ", message.split("cannot be enforced: ")[-1])[:60]


def outcomes(client, schemas, each):
    """Counts of what came, after a check that nothing is wrong; the wrong with their schemas."""
    asked = [(schema, seed) for schema in schemas for seed in range(each)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        came = list(pool.map(lambda one: answer(client, *one), asked))
    counts = collections.Counter("WRONG" if what.startswith("WRONG") else what for what in came)
    print()
    for what, count in counts.most_common():
        print(f"{count:6} {what}")
    wrong = [f"{what}\n  seed {seed}: {json.dumps(schema)}" for (schema, seed), what in zip(asked, came) if what.startswith("WRONG")]
    assert not wrong, f"{len(wrong)} of {len(came)}:\n" + "\n".join(wrong[:40])
    return counts


def test_answers_under_random_schemas_validate(smollm2):
    total, each = (ANSWERS, ANSWERS_EACH) if ANSWERS else (SHORT_ANSWERS, SHORT_ANSWERS_EACH)
    counts = outcomes(smollm2.client(), random_schemas(total // each, SEED), each)
    assert counts["validated"] >= total // 2, counts
    assert counts["cut"] <= total // 10, counts


@pytest.mark.skipif(not ANSWERS, reason="the long form: GOLLUM_SCHEMA_ANSWERS=1000")
def test_answers_under_the_public_suites_schemas_validate(smollm2):
    home = ROOT / ".venv" / "suite"
    home.mkdir(parents=True, exist_ok=True)
    schemas = suite_schemas(SUITE_SCHEMAS, SEED, home)
    if schemas is None:
        pytest.skip("skipped: the source package of jsonschema cannot be had here")
    # `false` is no schema that an answer could have, and the field says so.
    schemas = [schema for schema in schemas if schema is not False]
    counts = outcomes(smollm2.client(), schemas, SUITE_ANSWERS_EACH)
    assert counts["validated"] > 0, counts
