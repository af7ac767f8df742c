"""Clients that people build on, each pinned in an environment of its own, against the real binary with SmolLM2.

`docs/clients.md` has the table of what they did; `GOLLUM_BLESS=1` writes it anew. Those of Python are skipped without a
package index, those of npm without Node.js or npm.
"""

import concurrent.futures
import contextlib
import functools
import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from conftest import MODELS, ROOT, SMOLLM2, Server
from environments import INSTALL_TIMEOUT_S, environment
from test_life import metric, wait_until

MINILM = "all-MiniLM-L6-v2.F32"
# Clients, each with a script in HOME, and their packages.
PYTHON = {
    "langchain-openai": ["langchain-openai==1.7.4", "openai==3.57.0"],
    "pydantic-ai": ["pydantic-ai-slim[openai]==2.68.0", "openai==3.57.0"],
    "instructor": ["instructor==1.17.0", "openai==3.3.0"],
    "langchain-ollama": ["langchain-ollama==1.1.0", "ollama==0.6.3"],
    "llama-index": [
        "llama-index-llms-openai-like==0.8.1",
        "llama-index-embeddings-openai-like==0.4.0",
        "openai==2.54.0",
    ],
}
# The same of npm, whose versions package.json has.
NPM = {
    "openai": ["openai"],
    "anthropic": ["@anthropic-ai/sdk"],
    "ollama": ["ollama"],
    "ai": ["ai", "@ai-sdk/openai-compatible"],
}
FEATURES = [
    "chat",
    "stream with usage",
    "tools: auto",
    "tools: none",
    "tools: required",
    "tools: named",
    "schema",
    "embeddings",
    "responses",
    "typed errors",
    "retry on 429",
]
HOME = ROOT / "tests" / "http" / "clients"
TABLE = ROOT / "docs" / "clients.md"
CLIENT_TIMEOUT_S = 240
# Environments made, and clients run, at once: installing mostly waits.
AT_ONCE = 3


@functools.cache
def node():
    """Node.js, if the packages of all scripts are there or can be installed as the lock file has them."""
    node, npm = shutil.which("node"), shutil.which(os.environ.get("NPM", "npm"))
    if not node or not npm:
        return None
    home = HOME / "npm"
    stamp, wanted = home / "node_modules" / "lock.json", (home / "package-lock.json").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(install, cwd=home, capture_output=True, timeout=INSTALL_TIMEOUT_S, check=False).returncode != 0:
            return None
        stamp.write_text(wanted)
    return node


@contextlib.contextmanager
def busy_server(empty_models):
    """A server that runs one request, holds another and refuses a third; when it has, both are dropped."""
    server = Server("--models-dir", str(empty_models), "--max-num-seqs", "1", "--max-waiting", "1")
    client = server.client()
    hello = [{"role": "user", "content": "Hello"}]
    ask = dict(model="toy-1", messages=hello, max_tokens=8000, stream=True, extra_body={"ignore_eos": True})
    running = client.chat.completions.create(**ask)
    next(iter(running))
    waiting = threading.Thread(target=lambda: client.chat.completions.create(**ask).close())
    waiting.start()
    wait_until("a full queue", lambda: metric(server, "gollum_requests_waiting") == 1)

    def make_room():
        refused = "gollum_requests_refused_total"
        wait_until("a refusal", lambda: metric(server, refused) >= 1, timeout_s=CLIENT_TIMEOUT_S)
        running.close()

    room = threading.Thread(target=make_room)
    room.start()
    try:
        yield server.url
        room.join()
        waiting.join()
    finally:
        server.stop()


def did(command, url, empty_models):
    """What a client did, feature by feature. While it runs it may ask for a server that is busy."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GOLLUM_", "OPENAI_", "ANTHROPIC_", "OLLAMA_"))}
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean)
    process = subprocess.Popen([*map(str, command), url, SMOLLM2, MINILM], **pipes)
    with process, contextlib.ExitStack() as servers:
        ends = threading.Timer(CLIENT_TIMEOUT_S, process.kill)
        ends.start()
        said = process.stdout.readline()
        if said == "busy\n":
            address = servers.enter_context(busy_server(empty_models))
            process.stdin.write(f"{address}\n")
            process.stdin.flush()
            said = process.stdout.readline()
        stderr = process.communicate()[1]
        ends.cancel()
        assert process.returncode == 0, stderr[-3000:]
    return json.loads(said)


def row(name, packages, done):
    cells = ["yes" if done.get(feature) else "-" for feature in FEATURES]
    return f"| {name} | {', '.join(packages)} | " + " | ".join(cells) + " |\n"


@pytest.fixture(scope="module")
def served(smollm2_path):
    """A server with both models."""
    if not (MODELS / f"{MINILM}.gguf").exists():
        pytest.skip(f"skipped: {MINILM}.gguf is not in {MODELS.name}/")
    server = Server("--models-dir", str(MODELS), "--kv-memory", "512MiB")
    yield server.url
    server.stop()


def rows_of(clients, ask):
    """A line of the table for each client, several at a time."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = dict(zip(clients, pool.map(ask, clients)))
    for name, done in results.items():
        assert done and set(done) <= set(FEATURES) and all(done.values()), f"{name}: {done}"
    return "".join(row(name, clients[name], results[name]) for name in clients)


def check_table(kind, rows):
    """The part of the table that this run has seen."""
    start, end = f"<!-- {kind} -->\n", f"<!-- end of {kind} -->\n"
    head = "| client | packages | " + " | ".join(FEATURES) + " |\n" + "| --- | --- |" + " --- |" * len(FEATURES) + "\n"
    text = TABLE.read_text()
    before, rest = text.split(start)
    new = before + start + head + rows + end + rest.split(end)[1]
    if os.environ.get("GOLLUM_BLESS") == "1":
        TABLE.write_text(new)
    assert TABLE.read_text() == new, "docs/clients.md is not what was seen: GOLLUM_BLESS=1 writes it anew"


def test_clients_from_pypi_work_and_the_table_says_so(served, empty_models):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        pythons = dict(zip(PYTHON, pool.map(environment, PYTHON, PYTHON.values())))
    missing = [name for name, python in pythons.items() if python is None]
    if missing:
        pytest.skip(f"skipped: {', '.join(missing)} cannot be installed here")
    script = {name: HOME / f"with_{name.replace('-', '_')}.py" for name in PYTHON}
    rows = rows_of(PYTHON, lambda name: did([pythons[name], script[name]], served, empty_models))
    check_table("PyPI", rows)


def test_clients_from_npm_work_and_the_table_says_so(served, empty_models):
    program = node()
    if program is None:
        pytest.skip("skipped: clients from npm: no Node.js, no npm, or their packages cannot be installed here")
    wanted = json.loads((HOME / "npm" / "package.json").read_text())["dependencies"]
    packages = {name: [f"{package}@{wanted[package]}" for package in NPM[name]] for name in NPM}
    rows = rows_of(packages, lambda name: did([program, HOME / "npm" / f"with_{name}.mjs"], served, empty_models))
    check_table("npm", rows)
