#!/usr/bin/env python3
"""What a long prompt costs the streams that run beside it, over HTTP. Standard library only.

usage: long_prompt.py URL [--model NAME] [--streams 8] [--prompt-tokens 4000] [--answer-tokens 200] [--rounds 3]

Each round lets the streams run twice, first alone, then with one long prompt that arrives among them. Prints one JSON
line: milliseconds between two tokens of a stream (median, p99, most), over the time in which the long prompt is
computed and over as many tokens of the round without it, and the time to the long prompt's first token.
"""

import argparse
import http.client
import json
import threading
import time
import urllib.parse

WORDS = "river stone market window garden silver letter mountain station paper winter morning teacher engine".split()


class Stream(threading.Thread):
    """One streamed completion; `times` is when each piece came."""

    def __init__(self, options, prompt, max_tokens):
        super().__init__(daemon=True)
        self.times, self.error = [], None
        self.options, self.prompt, self.max_tokens = options, prompt, max_tokens
        self.start()

    def run(self):
        try:
            self.read()
        except (OSError, ValueError, RuntimeError) as error:
            self.error = error

    def read(self):
        host = urllib.parse.urlsplit(self.options.url)
        body = {"prompt": self.prompt, "max_tokens": self.max_tokens, "temperature": 0, "ignore_eos": True}
        body |= {"stream": True, **({"model": self.options.model} if self.options.model else {})}
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=600)
        connection.request("POST", "/v1/completions", json.dumps(body), {"content-type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"HTTP {answer.status}: {answer.read(300)!r}")
        for line in answer:
            if line.startswith(b"data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices and choices[0].get("text"):
                    self.times.append(time.perf_counter())
        connection.close()


def text(seed, words):
    """Words that share no beginning with those of another seed."""
    return f"{seed} " + " ".join(WORDS[(seed + i * i + i // 5) % len(WORDS)] for i in range(words))


def round_of(options, seed, with_long):
    """Gaps in seconds between the tokens of the streams, and the long prompt's time to its first token."""
    streams = [Stream(options, text(seed * 100 + i, 20), options.answer_tokens) for i in range(options.streams)]
    while any(len(s.times) < 5 and s.is_alive() for s in streams):
        time.sleep(0.01)
    began, long = time.perf_counter(), None
    if with_long:
        # Each word of the list is one token of most vocabularies.
        long = Stream(options, text(seed * 100 + 99, options.prompt_tokens - 10), 1)
    for stream in streams + ([long] if long else []):
        stream.join()
        if stream.error:
            raise SystemExit(f"a stream failed: {stream.error}")
    until = long.times[0] if long else float("inf")
    gaps = [
        [b - a for a, b in zip(s.times, s.times[1:]) if b > began and a < until] for s in streams
    ]
    return gaps, until - began if long else None


def quantiles(gaps):
    flat = sorted(gap for stream in gaps for gap in stream)
    at = lambda q: round(1000 * flat[min(len(flat) - 1, int(q * len(flat)))], 1)
    return {"p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": round(1000 * flat[-1], 1), "tokens": len(flat)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--model")
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--prompt-tokens", type=int, default=4000)
    parser.add_argument("--answer-tokens", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    alone, beside, firsts = [], [], []
    # Nothing of an earlier run may be in a cache.
    first_seed = int(time.time()) % 1_000_000 * 10
    for number in range(options.rounds):
        gaps, _ = round_of(options, first_seed + 2 * number, False)
        alone += gaps
        gaps, first = round_of(options, first_seed + 2 * number + 1, True)
        beside += gaps
        firsts.append(round(first, 2))
    result = {"without": quantiles(alone), "with": quantiles(beside), "long_prompt_first_token_s": firsts}
    result["p99_ratio"] = round(result["with"]["p99_ms"] / result["without"]["p99_ms"], 2)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
