#!/usr/bin/env python3
"""Conversations that share, fork and are edited: prompt tokens that a server computes, beside the fewest it could.

    python3 tools/turns.py http://127.0.0.1:8080 [--model ID] [--sessions 8] [--turns 6]    GoLLuM or llama-server

Three loads, one after the other: sessions side by side behind one system prompt; four continuations of one conversation at
once; that conversation with its second question changed. `prompt` is the tokens of all prompts, `computed` those of
them that were not in a cache, by what `usage` says, and `ideal` those beyond the longest prefix that any earlier request, with
its answer, began with. The server renders and tokenises (`/apply-template`, `/tokenize`), so `ideal` is in its own tokens.
"""

import argparse
import concurrent.futures
import json
import random
import time
import urllib.request

WORDS = "amber basin copper delta ember fjord grove harbour inlet juniper kelp lagoon meadow north orchard prairie".split()
ANSWER_TOKENS = 16
TIMEOUT_S = 900


def prose(rng, words):
    return " ".join(rng.choice(WORDS) for _ in range(words))


class Server:
    def __init__(self, url, model):
        self.url, self.model, self.seen = url.rstrip("/"), model, []

    def post(self, path, body):
        body = {**body, "model": self.model} if self.model else body
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            return json.load(answer)

    def ids(self, messages, answer=""):
        prompt = self.post("/apply-template", {"messages": messages})["prompt"]
        return self.post("/tokenize", {"content": prompt + answer, "parse_special": True, "add_special": True})["tokens"]

    def new_tokens(self, ids):
        """Tokens behind the longest prefix of `ids` that was seen."""
        longest = 0
        for seen in self.seen:
            equal = next((i for i, (a, b) in enumerate(zip(ids, seen)) if a != b), min(len(ids), len(seen)))
            longest = max(longest, equal)
        # The last token of a prompt is always computed: its logits are wanted.
        return max(1, len(ids) - longest)

    def ask(self, messages, count):
        ids = self.ids(messages)
        ideal = self.new_tokens(ids)
        self.seen.append(ids)
        body = {"messages": messages, "max_tokens": ANSWER_TOKENS, "temperature": 0}
        answer = self.post("/v1/chat/completions", body)
        text = answer["choices"][0]["message"]["content"] or ""
        usage = answer["usage"]
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        count["prompt"] += usage["prompt_tokens"]
        count["computed"] += usage["prompt_tokens"] - cached
        count["ideal"] += ideal
        self.seen.append(self.ids(messages, text))
        return text


def counted(load):
    count, start = {"prompt": 0, "computed": 0, "ideal": 0}, time.monotonic()
    load(count)
    return {**count, "seconds": round(time.monotonic() - start, 1)}


def turns(server, messages, questions, count):
    for question in questions:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": server.ask(messages, count)})


def at_once(jobs):
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(job) for job in jobs]:
            done.result()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--model")
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--system-words", type=int, default=60)
    args = parser.parse_args()
    server, rng = Server(args.url, args.model), random.Random(1)
    system = {"role": "system", "content": prose(rng, args.system_words)}
    asked = [[prose(rng, 12) for _ in range(args.turns)] for _ in range(args.sessions)]
    histories = [[dict(system)] for _ in asked]

    def sessions(count):
        at_once([lambda h=h, q=q: turns(server, h, q, count) for h, q in zip(histories, asked)])

    def fork(count):
        at_once([lambda q=prose(rng, 12): turns(server, list(histories[0]), [q], count) for _ in range(4)])

    def edit(count):
        history = list(histories[0])
        history[3] = {"role": "user", "content": prose(rng, 12)}
        server.ask(history[:-1], count)

    for name, load in [("sessions", sessions), ("fork", fork), ("edit", edit)]:
        print(json.dumps({"load": name, **counted(load)}))


if __name__ == "__main__":
    main()
