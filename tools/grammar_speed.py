#!/usr/bin/env python3
"""Tokens a second under a grammar against those without one, over HTTP. Standard library only.

usage: grammar_speed.py URL [--model NAME] [--sequences 16] [--tokens 200] [--rounds 5]

Each round lets so many answers of so many tokens run at once: without a grammar, under a schema and under a regular
expression, none of which ends by then. Prints one JSON line: tokens a second of each (median over the rounds), and the
median over the rounds of the ratio to the same round without; goal 0.9 at 16 sequences.
"""

import argparse
import concurrent.futures
import json
import statistics
import time
import urllib.request

ITEM = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "kind": {"enum": ["fruit", "animal", "tool"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 999},
        "is_new": {"type": "boolean"},
    },
    "required": ["name", "kind", "count", "is_new"],
    "additionalProperties": False,
}
# An item has ten tokens and more, so no answer comes to its end.
SCHEMA = {"type": "array", "items": ITEM, "minItems": 1000}
KINDS = {
    "without": {"ignore_eos": True},
    "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "items", "schema": SCHEMA}}},
    "regex": {"guided_regex": r"([A-Z][a-z]{2,11} [0-9]{1,3}(, |\.\n)){1000,}"},
}


def answer(options, kind, seed, tokens):
    body = {"messages": [{"role": "user", "content": f"Write list number {seed}."}], "max_tokens": tokens, "seed": seed}
    body |= {"use_prompt_cache": False, **KINDS[kind], **({"model": options.model} if options.model else {})}
    head = {"content-type": "application/json"}
    request = urllib.request.Request(f"{options.url}/v1/chat/completions", json.dumps(body).encode(), head)
    with urllib.request.urlopen(request, timeout=600) as response:
        whole = json.load(response)
    if whole["usage"]["completion_tokens"] != tokens:
        raise SystemExit(f"{kind}: an answer ended after {whole['usage']['completion_tokens']} of {tokens} tokens")


def tokens_per_second(options, kind, round_number):
    seeds = range(round_number * options.sequences, (round_number + 1) * options.sequences)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.sequences) as pool:
        list(pool.map(lambda seed: answer(options, kind, seed, options.tokens), seeds))
    return options.sequences * options.tokens / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--model")
    parser.add_argument("--sequences", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for kind in KINDS:  # the model is loaded, and each grammar compiled, before anything counts
        answer(options, kind, 0, 8)
    rounds = [{kind: tokens_per_second(options, kind, number) for kind in KINDS} for number in range(options.rounds)]
    result = {"sequences": options.sequences, "tokens": options.tokens, "rounds": options.rounds}
    for kind in KINDS:
        result[f"{kind}_tok_s"] = round(statistics.median(one[kind] for one in rounds), 1)
    for kind in KINDS:
        if kind != "without":
            result[f"{kind}_ratio"] = round(statistics.median(one[kind] / one["without"] for one in rounds), 3)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
