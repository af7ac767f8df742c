"""Embeddings by the `openai` client, against the vectors that llama.cpp has of all-MiniLM-L6-v2."""

import array
import base64
import json

import ollama
import openai
import pytest

from conftest import MODELS, ROOT, Server

FILE = MODELS / "all-MiniLM-L6-v2.F32.gguf"
CASES = json.loads((ROOT / "golden/embed/minilm.json").read_text())["cases"]


@pytest.fixture(scope="module")
def server():
    if not FILE.exists():
        pytest.skip(f"{FILE.name} is not there")
    server = Server("--model", str(FILE))
    yield server
    server.stop()


def cosine(a, b):
    dot = lambda x, y: sum(p * q for p, q in zip(x, y))
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5


@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_vectors_are_llama_cpps(server, encoding):
    extra = {"encoding_format": encoding} if encoding else {}
    texts = [case["text"] for case in CASES]
    answer = server.client().embeddings.create(model="all-MiniLM-L6-v2.F32", input=texts, **extra)
    assert answer.usage.prompt_tokens == sum(len(case["tokens"]) for case in CASES)
    for case, item in zip(CASES, answer.data, strict=True):
        vector = item.embedding
        if isinstance(vector, str):  # the client unpacks only what it asked for itself
            vector = array.array("f", base64.b64decode(vector))
        assert cosine(vector, case["embedding"]) > 0.9999
        assert abs(sum(v * v for v in vector) - 1) < 1e-5


def test_ids_alone_and_in_company_are_the_same_bits(server):
    client, model = server.client(), "all-MiniLM-L6-v2.F32"
    ids = [case["tokens"] for case in CASES]
    together = client.embeddings.create(model=model, input=ids).data
    for one, among in zip(ids, together, strict=True):
        assert client.embeddings.create(model=model, input=one).data[0].embedding == among.embedding
    texts = client.embeddings.create(model=model, input=[case["text"] for case in CASES]).data
    assert [item.embedding for item in texts] == [item.embedding for item in together]


def test_a_thousand_sentences_and_one_too_long(server):
    client, model = server.client(), "all-MiniLM-L6-v2.F32"
    answer = client.embeddings.create(model=model, input=[f"Sentence {n}." for n in range(1000)], dimensions=64)
    assert len(answer.data) == 1000 and all(len(item.embedding) == 64 for item in answer.data)
    with pytest.raises(openai.BadRequestError) as error:
        client.embeddings.create(model=model, input="word " * 600)
    assert error.value.code == "context_length_exceeded" and "512" in error.value.message


def test_an_encoder_does_not_chat(server):
    with pytest.raises(openai.BadRequestError) as error:
        server.client().chat.completions.create(
            model="all-MiniLM-L6-v2.F32", messages=[{"role": "user", "content": "Hello!"}]
        )
    assert error.value.param == "model" and "cannot generate" in error.value.message
    status, models = server.get("/v1/models")
    assert status == 200 and json.loads(models)["data"][0]["capabilities"] == ["embedding"]
    assert "/v1/embeddings" in "\n".join(server.greeting + list(server.lines.queue))


def test_ollamas_client_embeds(server):
    client = ollama.Client(host=server.url)
    texts = [case["text"] for case in CASES]
    answer = client.embed(model="all-MiniLM-L6-v2.F32", input=texts)
    assert answer.prompt_eval_count == sum(len(case["tokens"]) for case in CASES)
    for case, vector in zip(CASES, answer.embeddings, strict=True):
        assert cosine(vector, case["embedding"]) > 0.9999
    one = client.embeddings(model="all-MiniLM-L6-v2.F32", prompt=texts[0]).embedding
    assert list(one) == list(answer.embeddings[0])
