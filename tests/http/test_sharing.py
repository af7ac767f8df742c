"""No prefix is computed twice, counted in tokens over real HTTP: for the toy, and for a model where there is one.

What sharing could give at best follows from the token ids alone: each node of the trie of all sequences is computed
once. The ids of prompts come from `/tokenize` or are chosen here; those of answers are read from the prefix tree of
`/debug/kv`, and checked against the text that the client got.
"""

import concurrent.futures
import json
import urllib.parse
import urllib.request

import pytest

from conftest import SMOLLM2, Server
from test_life import metric

TIMEOUT_S = 300


class Model:
    """A served model, asked without a client library, so that heads and bytes are seen as they come."""

    def __init__(self, server, name):
        self.server, self.name = server, name

    def post(self, path, **body):
        """Head and parsed body of an answer."""
        head, raw = self.raw(path, **body)
        return head, json.loads(raw)

    def raw(self, path, **body):
        with self.open(path, **body) as answer:
            return answer.headers, answer.read()

    def open(self, path, **body):
        data = json.dumps({"model": self.name, **body}).encode()
        request = urllib.request.Request(self.server.url + path, data, {"content-type": "application/json"})
        return urllib.request.urlopen(request, timeout=TIMEOUT_S)

    def complete(self, prompt, max_tokens=4, **options):
        """An answer to token ids that is computed, not replayed, unless told otherwise."""
        options = {"temperature": 0, "ignore_eos": True, "use_prompt_cache": False, **options}
        return self.post("/v1/completions", prompt=prompt, max_tokens=max_tokens, **options)[1]

    def chat(self, messages, max_tokens, **options):
        options = {"temperature": 0, "use_prompt_cache": False, **options}
        return self.post("/v1/chat/completions", messages=messages, max_tokens=max_tokens, **options)[1]

    def ids(self, **what):
        return self.post("/tokenize", **what)[1]["tokens"]

    def text(self, ids):
        answer = self.post("/detokenize", tokens=ids)[1]
        return answer.get("prompt", answer.get("content"))

    def words(self, seed, count):
        """Token ids that look like a text; two seeds part at the first one."""
        usable = self.ids(prompt="one two three four five six seven eight nine ten", add_special_tokens=False)
        usable = sorted(set(usable))
        first = usable[seed % len(usable)]
        return [first] + [usable[(seed * 31 + i * i + i // 7) % len(usable)] for i in range(count - 1)]

    def kv(self):
        status, body = self.server.get("/debug/kv")
        assert status == 200
        return json.loads(body)["models"][self.name]

    def counted(self):
        names = ("prefill_rows", "prefix_cache_hit_tokens", "prefix_cache_query_tokens", "prefix_followers")
        return {name: metric(self.server, f"gollum_{name}_total") for name in names}

    def since(self, before):
        return {name: value - before[name] for name, value in self.counted().items()}


@pytest.fixture(scope="module", params=["toy-1", SMOLLM2])
def model(request):
    server = request.getfixturevalue("toy" if request.param == "toy-1" else "smollm2")
    return Model(server, request.param)


def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def cached(answer):
    return answer["usage"]["prompt_tokens_details"]["cached_tokens"]


def common(a, b):
    return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


class Trie:
    """Token sequences that have been computed."""

    def __init__(self):
        self.root = {}

    def add(self, tokens):
        """How many of the tokens are new."""
        node, new = self.root, 0
        for token in tokens:
            new += token not in node
            node = node.setdefault(token, {})
        return new


def computed_after(kv, prompt):
    """What the prefix tree has after these tokens, as long as there is one way to go on."""
    children = {}
    for node in kv["tree"]:
        children.setdefault((node["tenant"], node["parent"]), []).append(node)
    best = []
    for top in {tenant for tenant, _ in children}:
        paths = [(None, [])]
        while paths:
            page, path = paths.pop()
            if common(path, prompt) < min(len(path), len(prompt)):
                continue
            if len(path) > len(best):
                best = path
            paths += [(node["page"], path + node["tokens"]) for node in children.get((top, page), [])]
    assert best[: len(prompt)] == prompt, "the prompt is in the tree"
    return best[len(prompt) :]


def test_sixteen_that_arrive_together_compute_their_prefix_once(model):
    prefix = model.words(1, 600)
    prompts = [prefix + model.words(10 + i, 3) + [prefix[i]] * i for i in range(16)]
    trie = Trie()
    distinct = sum(trie.add(prompt) for prompt in prompts)
    total = sum(map(len, prompts))
    before = model.counted()
    answers = at_once([lambda p=p: model.complete(p) for p in prompts])
    counted = model.since(before)
    print(f"{model.name}: {total} prompt tokens, {distinct} distinct, {counted}")
    assert sum(map(cached, answers)) == total - distinct
    assert counted["prefill_rows"] == distinct
    assert counted["prefix_cache_query_tokens"] == total
    assert counted["prefix_cache_hit_tokens"] == total - distinct
    assert [a["usage"]["prompt_tokens"] for a in answers] == list(map(len, prompts))


def test_conversations_get_all_that_their_tokens_allow(model):
    system = {"role": "system", "content": "You answer in one short sentence. " * 8}
    sessions = [[system] for _ in range(8)]
    trie = Trie()
    # What earlier tests have left in the cache counts as well: begin with something new.
    system["content"] = "Conversations: " + system["content"]
    before, total, ideal, got = model.counted(), 0, 0, 0
    for turn in range(6):
        for user, messages in enumerate(sessions):
            question = f"{user} of eight asks: what is {turn} plus {user}?"
            messages.append({"role": "user", "content": question})
        prompts = [model.ids(messages=messages) for messages in sessions]
        if turn == 0:
            # The beginnings of templates are old.
            start = {"role": "system", "content": "Other"}
            other = model.ids(messages=[start, sessions[0][1]])
            trie.add(other[: common(other, prompts[0])])
            model.complete(other, 1)
            before = model.counted()
        total += sum(map(len, prompts))
        ideal += sum(map(len, prompts)) - sum(trie.add(prompt) for prompt in prompts)
        answers = at_once([lambda m=m: model.chat(m, 12) for m in sessions])
        got += sum(map(cached, answers))
        kv = model.kv()
        for messages, prompt, answer in zip(sessions, prompts, answers):
            text = answer["choices"][0]["message"]["content"]
            generated = computed_after(kv, prompt)
            # The last token has been chosen and not computed.
            assert len(generated) == answer["usage"]["completion_tokens"] - 1
            assert text.strip().startswith(model.text(generated).strip().rstrip("\ufffd"))
            trie.add(prompt + generated)
            messages.append({"role": "assistant", "content": text})
    counted = model.since(before)
    print(f"{model.name}: {total} prompt tokens, cached {got}, ideal {ideal}, {counted}")
    assert got == ideal
    assert counted["prefill_rows"] == total - ideal


def test_forks_of_a_running_conversation_reuse_all_of_it(model):
    prompt = model.words(3, 120)
    options = dict(temperature=0, ignore_eos=True, use_prompt_cache=False, stream=True)
    with model.open("/v1/completions", prompt=prompt, max_tokens=400, **options) as stream:
        pieces = 0
        while pieces < 30:
            pieces += stream.readline().startswith(b"data: ")
        so_far = prompt + computed_after(model.kv(), prompt)
        forks = [so_far + model.words(50 + i, 5) for i in range(4)]
        trie = Trie()
        trie.add(so_far)
        most = sum(trie.add(fork) for fork in forks)
        before = model.counted()
        answers = at_once([lambda f=f: model.complete(f) for f in forks])
        rows = model.since(before)["prefill_rows"]
        still_running = metric(model.server, "gollum_requests_running") >= 1
    print(f"{model.name}: four forks of {len(so_far)} tokens: {rows} rows, cached {[cached(a) for a in answers]}")
    assert still_running, "the conversation was running all the time"
    assert len(so_far) >= len(prompt) + 20
    assert all(cached(answer) >= len(so_far) for answer in answers)
    # Fewer, if the running one happens to go on like a fork.
    assert rows <= most


def test_several_answers_share_their_prompt(model):
    prompt = model.words(4, 200)
    before = model.counted()
    answer = model.complete(prompt, 8, n=4, temperature=0.9, seed=5)
    assert sorted(choice["index"] for choice in answer["choices"]) == [0, 1, 2, 3]
    assert answer["usage"]["prompt_tokens"] == 200
    counted = model.since(before)
    # Each needs the logits of the last token.
    assert counted["prefill_rows"] == 200 + 3, counted
    assert counted["prefix_cache_hit_tokens"] == 3 * 199, counted


def test_a_salt_separates(model):
    prompt = model.words(5, 100)
    for salt in ("a", "b"):
        assert cached(model.complete(prompt, cache_salt=salt)) == 0
        assert cached(model.complete(prompt, cache_salt=salt)) == 99
    assert cached(model.complete(prompt)) == 0
    options = dict(temperature=0, max_tokens=4, prompt=prompt)
    model.post("/v1/completions", cache_salt="a", **options)
    assert model.post("/v1/completions", cache_salt="a", **options)[0]["x-gollum-cache"] == "prompt"
    assert model.post("/v1/completions", cache_salt="b", **options)[0]["x-gollum-cache"] is None


def test_no_prefix_is_shared_with_one_who_does_not_want_it(model):
    prompt = model.words(6, 100)
    model.complete(prompt)
    assert cached(model.complete(prompt, cache_prompt=False)) == 0
    assert cached(model.complete(prompt)) == 99


def choices(raw):
    """The bytes of an answer without its name, its time and its usage."""
    start = raw.index(b'"choices"')
    return raw[start : raw.rindex(b'"usage"')]


@pytest.mark.parametrize("how", [{"temperature": 0}, {"temperature": 0.8, "seed": 11}], ids=["greedy", "seeded"])
def test_a_replayed_answer_has_the_bytes_of_the_computed_one(model, how):
    messages = [{"role": "user", "content": f"Tell me something about rivers. {sorted(how)}"}]
    ask = dict(messages=messages, max_tokens=24, logprobs=True, top_logprobs=2, **how)
    first_head, first = model.raw("/v1/chat/completions", **ask)
    again_head, again = model.raw("/v1/chat/completions", **ask)
    plain_head, plain = model.raw("/v1/chat/completions", use_prompt_cache=False, **ask)
    assert [h["x-gollum-cache"] for h in (first_head, again_head, plain_head)] == [None, "prompt", None]
    assert choices(first) == choices(again) == choices(plain)
    stream_head, stream = model.raw("/v1/chat/completions", stream=True, **ask)
    assert stream_head["x-gollum-cache"] == "prompt"
    chunks = [json.loads(line[6:]) for line in stream.splitlines() if line.startswith(b"data: {")]
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
    assert text == json.loads(first)["choices"][0]["message"]["content"]
    assert stream.rstrip().endswith(b"data: [DONE]")
    used = json.loads(again)["usage"]
    assert cached(json.loads(again)) == used["prompt_tokens"]


def test_what_is_drawn_anew_is_not_replayed(model):
    messages = [{"role": "user", "content": "Say anything."}]
    ask = dict(messages=messages, max_tokens=16, temperature=1.5)
    heads = [model.raw("/v1/chat/completions", **ask)[0] for _ in range(2)]
    assert [head["x-gollum-cache"] for head in heads] == [None, None]


def test_caches_can_be_turned_off(empty_models):
    server = Server("--models-dir", str(empty_models), "--no-prompt-cache", "--no-prefix-cache")
    try:
        model = Model(server, "toy-1")
        prompt = model.words(7, 100)
        for _ in range(2):
            head, answer = model.post("/v1/completions", prompt=prompt, temperature=0, max_tokens=4)
            assert head["x-gollum-cache"] is None
            assert cached(answer) == 0
    finally:
        server.stop()


def test_a_request_is_explained_with_the_token_where_its_prefix_parted(model):
    prefix = model.words(8, 90)
    a, b = model.words(20, 8), model.words(21, 8)
    head, _ = model.post("/v1/completions", prompt=prefix + a, temperature=0, max_tokens=3)
    first = head["x-request-id"]
    head, answer = model.post("/v1/completions", prompt=prefix + b, temperature=0, max_tokens=3)
    explained = [json.loads(model.server.get(f"/debug/requests/{name}")[1]) for name in (first, head["x-request-id"])]
    origin, told = explained[0]["requests"][0], explained[1]["requests"][0]
    assert told["prefix"]["matched_tokens"] == 90 == cached(answer)
    assert told["prefix"]["shared_tokens"] == 80 and told["prefix"]["copied_tokens"] == 10
    assert told["prefix"]["from"] == origin["id"]
    parted = told["prefix"]["parted_at"]
    for side, token in (("cached", a[0]), ("prompt", b[0])):
        assert parted[side]["id"] == token
        assert parted[side]["text"].strip() == model.text([token]).strip() != ""
    assert told["phase"].startswith("finished") and told["chunks"] == [8] and told["steps"] == 3
    assert told["total_us"] >= told["ttft_us"] >= told["queue_us"] >= 0
    assert told["usage"] == {"prompt_tokens": 98, "cached_tokens": 90, "completion_tokens": 3}


def test_pages_and_tree_are_shown(model):
    prompt = model.words(9, 40)
    model.complete(prompt, 2)
    kv = model.kv()
    pages = {letter: kv["pages"].count(letter) for letter in ".Hc"}
    assert sum(pages.values()) == len(kv["pages"]) == metric(model.server, "gollum_kv_pages")
    assert pages["c"] == len(kv["tree"]) == metric(model.server, "gollum_kv_pages_cached")
    assert computed_after(kv, prompt), "the first token of the answer was computed"
    by_page = {node["page"]: node for node in kv["tree"]}
    for node in kv["tree"]:
        assert 1 <= len(node["tokens"]) <= kv["page_tokens"] == 16
        parent = by_page.get(node["parent"])
        assert node["parent"] is None or len(parent["tokens"]) == 16, "whoever has a child is full"
        assert node["text"] != ""
