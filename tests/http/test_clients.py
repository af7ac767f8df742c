"""Frameworks that people build on, each pinned in an environment of its own, against the real binary with SmolLM2.

`docs/clients.md` has the table of what they did; `GOLLUM_BLESS=1` writes it anew. Without a package index they are skipped.
"""

import json
import os
import subprocess
import sys

import pytest

from conftest import ROOT, SMOLLM2

CLIENTS = {
    "langchain-openai": ["langchain-openai==1.7.4", "openai==3.57.0"],
    "pydantic-ai": ["pydantic-ai-slim[openai]==2.68.0", "openai==3.57.0"],
    "instructor": ["instructor==1.17.0", "openai==3.3.0"],
}
FEATURES = ["chat", "stream with usage", "tools", "schema", "responses"]
TABLE = ROOT / "docs" / "clients.md"
INSTALL_TIMEOUT_S = 180


def environment(name, packages):
    """The interpreter of an environment that is made once, beside the one of these tests."""
    home = ROOT / ".venv" / "clients" / name
    python, stamp = home / "bin" / "python", home / "packages.txt"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
        if done.returncode != 0:
            pytest.skip(f"skipped: {name} cannot be installed here")
        stamp.write_text(wanted)
    return python


def did(smollm2, name):
    python = environment(name, CLIENTS[name])
    script = ROOT / "tests" / "http" / "clients" / f"with_{name.replace('-', '_')}.py"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("GOLLUM_", "OPENAI_"))}
    done = subprocess.run(
        [str(python), str(script), smollm2.url, SMOLLM2], capture_output=True, text=True, timeout=240, env=clean
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def table(results):
    lines = ["| client | " + " | ".join(FEATURES) + " |", "| --- |" + " --- |" * len(FEATURES)]
    for name, done in results.items():
        cells = ["yes" if done.get(feature) else "-" for feature in FEATURES]
        lines.append(f"| {', '.join(CLIENTS[name])} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def test_frameworks_work_and_the_table_says_so(smollm2):
    results = {name: did(smollm2, name) for name in CLIENTS}
    for name, done in results.items():
        assert done and all(done.values()), f"{name}: {done}"
    head = "# Clients\n\nWhat frameworks did against `gollum serve` with SmolLM2-135M-Instruct, as `tests/http/test_clients.py` "
    text = head + "saw it; `-` is what a\nclient was not asked for. The `openai`, `anthropic` and `ollama` packages have tests of their own there.\n\n"
    text += table(results)
    if os.environ.get("GOLLUM_BLESS") == "1":
        TABLE.write_text(text)
    assert TABLE.read_text() == text, "docs/clients.md is not what was seen: GOLLUM_BLESS=1 writes it anew"
