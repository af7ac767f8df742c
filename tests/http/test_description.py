"""`/openapi.json` in the hands of others: a validator of such documents, and schemathesis, which asks what the document
says, and what it says that nobody may ask.

Both live in an environment of their own; without a package index they are skipped. GOLLUM_FUZZ_EXAMPLES takes that many
requests per operation, and each border of each field as well: `docs/proofs.md` has the command.
"""

import json
import os
import re
import subprocess

import pytest

from conftest import Server
from environments import environment

TOOLS = ["schemathesis==4.32.5", "openapi-spec-validator==0.9.0"]
# What the short form asks of each operation, in half a minute.
EXAMPLES = 10
LONG_EXAMPLES = os.environ.get("GOLLUM_FUZZ_EXAMPLES")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# What the document forbids is refused, but for fields that are not read in that body: messages beside the text of
# `/tokenize`, and the `schema` of a `response_format` that is `text`. The long form finds those.
SHORT_CHECKS = f"{CHECKS},negative_data_rejection"
CONFIG = """
[[operations]]
include-path = "/tokenize"
checks.negative_data_rejection.enabled = false
"""
# It answers after 30 s, as it is asked to.
NOT_ASKED = "/debug/pprof/profile"
REQUEST_TIMEOUT_S = 20


@pytest.fixture(scope="module")
def tool():
    python = environment("schemathesis", TOOLS)
    if python is None:
        pytest.skip("skipped: schemathesis cannot be installed here")
    return python


@pytest.fixture(scope="module")
def short_answers(empty_models):
    """The toy with so small a context that no answer is long."""
    server = Server("--models-dir", str(empty_models), "--max-model-len", "128")
    yield server
    server.stop()


def test_the_document_is_valid(tool, toy, tmp_path):
    status, text = toy.get("/openapi.json")
    assert status == 200
    document = json.loads(text)
    file = tmp_path / "openapi.json"
    file.write_text(text)
    done = subprocess.run([tool, "-m", "openapi_spec_validator", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    del document["paths"]["/tokenize"]["post"]["responses"]
    document["paths"]["/tokenize"]["get"] = {"parameters": "none"}
    file.write_text(json.dumps(document))
    done = subprocess.run([tool, "-m", "openapi_spec_validator", str(file)], capture_output=True, text=True)
    assert done.returncode != 0, "the validator finds a mistake"


def test_nothing_that_the_document_allows_or_forbids_is_our_fault(tool, short_answers, tmp_path):
    examples, phases, checks = str(EXAMPLES), "fuzzing", SHORT_CHECKS
    if LONG_EXAMPLES:
        examples, phases, checks = LONG_EXAMPLES, "coverage,fuzzing", CHECKS
    report = tmp_path / "report.ndjson"
    (tmp_path / "config.toml").write_text(CONFIG)
    command = [tool, "-m", "schemathesis.cli", "--config-file", "config.toml"]
    command += ["run", f"{short_answers.url}/openapi.json"]
    command += ["--checks", checks, "--phases", phases, "--max-examples", examples, "--exclude-path", NOT_ASKED]
    command += ["--request-timeout", str(REQUEST_TIMEOUT_S), "--continue-on-failure", "--seed", "1"]
    command += ["--suppress-health-check", "all", "--generation-database", "none", "--no-color", "--warnings", "off"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    print(done.stdout[-2000:])
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    statuses = re.findall(r'"status_code": ?(\d+)', report.read_text())
    assert len(statuses) > 200, f"{len(statuses)} requests"
    assert {"200", "400"} <= set(statuses), "some were taken, and some refused"
    assert not [status for status in statuses if status.startswith("5") and status != "503"]
    status, _ = short_answers.get("/readyz")
    assert status == 200, "it is as well as before"
