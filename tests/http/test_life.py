"""Start, stop, dropped connections, keys: the life of the process."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

import openai
import pytest

from conftest import BINARY, SMOLLM2, Server

HELLO = [{"role": "user", "content": "Hello"}]
LONG = dict(temperature=0, extra_body={"ignore_eos": True})


def metric(server, name):
    """Sum of a metric over its labels."""
    _, text = server.get("/metrics")
    values = re.findall(rf"^{re.escape(name)}(?:{{[^}}]*}})? ([0-9.e+]+)$", text, re.MULTILINE)
    assert values, f"no metric {name}"
    return sum(map(float, values))


def wait_until(what, condition, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"still not: {what}"
        time.sleep(0.05)


def test_sigterm_lets_a_stream_finish_and_refuses_new_requests(empty_models):
    server = Server("--models-dir", str(empty_models))
    client = server.client()
    stream = client.chat.completions.create(model="toy-1", messages=HELLO, max_tokens=200, stream=True, **LONG)
    chunks = iter(stream)
    next(chunks)
    server.signal(signal.SIGTERM)
    wait_until("not ready", lambda: refused(server))
    with pytest.raises(openai.APIError):
        client.chat.completions.create(model="toy-1", messages=HELLO, max_tokens=2)
    reasons = [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason]
    assert reasons == ["length"], "the stream came to its own end"
    assert server.wait() == 0


def refused(server):
    try:
        return server.get("/readyz")[0] == 503
    except OSError:
        return True


def test_sigterm_at_the_deadline_ends_streams_with_a_terminal_event(empty_models):
    server = Server("--models-dir", str(empty_models), "--drain-seconds", "1")
    path = urllib.parse.urlsplit(server.url)
    with socket.create_connection((path.hostname, path.port), timeout=20) as connection:
        connection.sendall(request(path, 8000))
        seen = connection.recv(4096)
        assert b" 200 " in seen.split(b"\r\n")[0] + b" ", seen
        started = time.monotonic()
        server.signal(signal.SIGTERM)
        while block := connection.recv(65536):
            seen += block
    assert server.wait() == 0
    assert time.monotonic() - started < 4
    assert b"data: [DONE]" in seen[-400:], seen[-400:]


def request(path, max_tokens):
    body = (
        b'{"model":"toy-1","stream":true,"ignore_eos":true,"max_tokens":%d,'
        b'"messages":[{"role":"user","content":"Hello"}]}' % max_tokens
    )
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: {path.netloc}\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


def test_a_second_signal_ends_at_once(empty_models):
    server = Server("--models-dir", str(empty_models))
    stream = server.client().chat.completions.create(
        model="toy-1", messages=HELLO, max_tokens=8000, stream=True, **LONG
    )
    next(iter(stream))
    server.signal(signal.SIGINT)
    wait_until("not ready", lambda: refused(server))
    started = time.monotonic()
    server.signal(signal.SIGINT)
    assert server.wait() == 0
    assert time.monotonic() - started < 2


def test_a_dropped_connection_frees_its_pages(toy):
    client = toy.client()
    for _ in range(5):
        stream = client.chat.completions.create(model="toy-1", messages=HELLO, max_tokens=8000, stream=True, **LONG)
        next(iter(stream))
        assert metric(toy, "vllm:num_requests_running") >= 1
        stream.close()
        wait_until("nothing runs", lambda: metric(toy, "vllm:num_requests_running") == 0, timeout_s=3)


def test_a_key_is_asked_for_where_there_is_one(empty_models):
    server = Server("--models-dir", str(empty_models), "--api-key", "correct-horse")
    try:
        with pytest.raises(openai.AuthenticationError):
            server.client("wrong-key-entirely").models.list()
        assert server.client("correct-horse").models.list().data
        assert server.get("/livez")[0] == 200
        assert server.get("/v1/models")[0] == 401
    finally:
        server.stop()


def run(*arguments, **options):
    return subprocess.run(
        [str(BINARY), *arguments], capture_output=True, text=True, timeout=120, check=False, **options
    )


def test_an_open_address_without_a_key_is_refused(empty_models):
    done = run("serve", "--host", "0.0.0.0", "--port", "0", "--models-dir", str(empty_models))
    assert done.returncode == 1
    assert "--api-key" in done.stderr and "--insecure" in done.stderr, done.stderr


def test_a_taken_port_is_told(toy, empty_models):
    port = toy.url.rsplit(":", 1)[1]
    done = run("--port", port, "--models-dir", str(empty_models))
    assert done.returncode == 1
    assert port in done.stderr, done.stderr


def test_the_port_comes_from_the_environment(empty_models):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    process = subprocess.Popen(
        [str(BINARY), "--models-dir", str(empty_models)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert f"127.0.0.1:{port}" in process.stdout.readline()
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_model_that_is_no_model_ends_the_start(tmp_path):
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF" + b"\xff" * 60)
    done = run("serve", "--port", "0", "--model", str(bad))
    assert done.returncode == 1
    assert "bad.gguf" in done.stderr, done.stderr


def test_a_model_that_comes_later_is_found_and_loads_at_the_first_request(tmp_path, smollm2_path):
    server = Server("--models-dir", str(tmp_path), "--kv-memory", "256MiB")
    try:
        assert [m.id for m in server.client().models.list().data] == ["toy-1"]
        os.link(smollm2_path, tmp_path / f"{SMOLLM2}.gguf") if same_disk(tmp_path, smollm2_path) else copy(
            smollm2_path, tmp_path
        )
        assert [m.id for m in server.client().models.list().data] == [SMOLLM2]
        answers = []

        def ask():
            answer = server.client().chat.completions.create(
                model=SMOLLM2, messages=HELLO, temperature=0, max_tokens=8
            )
            answers.append(answer.choices[0].message.content)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 4 and len(set(answers)) == 1, "four first requests, one load, one answer"
    finally:
        server.stop()


def same_disk(one, other):
    return os.stat(one).st_dev == os.stat(other).st_dev


def copy(path, folder):
    unfinished = folder / ".unfinished"
    unfinished.write_bytes(pathlib.Path(path).read_bytes())
    unfinished.rename(folder / path.name)


# ---- verbs


def test_piped_text_is_answered(empty_models):
    done = run("run", "--models-dir", str(empty_models), "--seed", "3", input="Hello there")
    assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_a_real_model_answers_a_prompt(smollm2_path):
    question = "What is the capital city of France? Answer with one sentence."
    done = run("run", str(smollm2_path), question, "--temperature", "0", "-n", "32", "-c", "1024")
    assert done.returncode == 0 and "Paris" in done.stdout, (done.stdout, done.stderr)


def test_tokenize_and_back(smollm2_path):
    text = "Grüße, 世界! \U0001f44b  two spaces\n"
    ids = run("tokenize", str(smollm2_path), input=text).stdout
    assert ids.startswith("[") and run("tokenize", str(smollm2_path), "--decode", input=ids).stdout == text


def test_logits_are_the_same_bits_in_any_chunks_and_on_any_threads(smollm2_path):
    tokens = "1,4093,198,1780,5,77,3000,42,9,1"
    base = run("logits", str(smollm2_path), "--tokens", tokens, "--ubatch", "16")
    assert base.returncode == 0, base.stderr
    for flags in (["--ubatch", "1"], ["--ubatch", "3", "--threads", "1"]):
        assert run("logits", str(smollm2_path), "--tokens", tokens, *flags).stdout == base.stdout


def test_doctor_finds_the_real_model_well(smollm2_path):
    done = run("doctor", str(smollm2_path))
    assert done.returncode == 0 and "FAIL" not in done.stdout, done.stdout


def test_bench_prints_the_keys_of_the_peer(smollm2_path):
    import json

    done = run("bench", str(smollm2_path), "--pp", "32", "--tg", "4", "--batch", "1,2", "--reps", "1", "--json")
    assert done.returncode == 0, done.stderr
    keys = list(json.loads(done.stdout))
    assert keys == ["engine", "model", "threads", "load_s", "pp32", "tg4", "tg4x2"]
