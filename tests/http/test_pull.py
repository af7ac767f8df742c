"""`gollum pull` killed at random moments: what is listed is whole, and the download goes on."""

import hashlib
import http.server
import json
import random
import subprocess
import threading
import time

import ollama
import pytest

from conftest import BINARY, Server

KILLS = 12
BLOCK_BYTES = 64 << 10
PAUSE_S = 0.002


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub with one repository of one file, sent slowly."""

    model = b""
    sent_from = []

    def do_GET(self):
        if self.path.startswith("/api/models/o/r/tree/"):
            lfs = {"oid": hashlib.sha256(self.model).hexdigest(), "size": len(self.model)}
            listing = [{"type": "file", "path": "m-Q4_1.gguf", "size": len(self.model), "lfs": lfs}]
            self.answer(200, json.dumps(listing).encode())
        elif self.path == "/o/r/resolve/main/m-Q4_1.gguf":
            start = int(self.headers.get("range", "bytes=0-").split("=")[1].rstrip("-"))
            type(self).sent_from.append(start)
            self.answer(206 if start else 200, self.model[start:])
        else:
            self.answer(404, b"")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            for at in range(0, len(body), BLOCK_BYTES):
                self.wfile.write(body[at : at + BLOCK_BYTES])
                time.sleep(PAUSE_S)
        except OSError:
            pass  # The client was killed, as it should be.

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(smollm2_path):
    Hub.model = smollm2_path.read_bytes()
    Hub.sent_from = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def listed(folder):
    done = subprocess.run(
        [str(BINARY), "list", "--json", "--models-dir", str(folder)], capture_output=True, text=True, check=True
    )
    return [model["id"] for model in json.loads(done.stdout)]


def test_killed_downloads_resume_and_nothing_partial_is_listed(hub, tmp_path):
    command = [str(BINARY), "pull", "o/r:Q4_1", "--endpoint", hub, "--models-dir", str(tmp_path)]
    rng = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.05, 0.3))
        if process.poll() is None:
            process.kill()
            killed += 1
        process.wait()
        if listed(tmp_path):
            break
    assert killed > 0, "no kill came in time, so nothing was tested"
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert listed(tmp_path) == ["m-Q4_1"]
    got = hashlib.sha256((tmp_path / "m-Q4_1.gguf").read_bytes()).hexdigest()
    assert got == hashlib.sha256(Hub.model).hexdigest()
    assert any(start > 0 for start in Hub.sent_from), Hub.sent_from


def test_ollamas_client_pulls_uses_and_deletes_a_model(hub, tmp_path):
    server = Server("--models-dir", str(tmp_path), "--manage-models", "--kv-memory", "64MiB", env={"HF_ENDPOINT": hub})
    try:
        client = ollama.Client(host=server.url)
        steps = list(client.pull("o/r", stream=True))
        assert steps[-1].status == "success"
        assert any(step.completed and step.total == len(Hub.model) for step in steps)
        (model,) = client.list().models
        assert model.details.family == "llama" and len(model.digest) == 64
        shown = client.show(model.model)
        assert "completion" in shown.capabilities and shown.modelinfo["general.architecture"] == "llama"
        said = client.generate(model=model.model, prompt="Hi", keep_alive=0, options={"num_predict": 2})
        assert said.done and said.eval_count == 2
        deadline = time.monotonic() + 20
        while client.ps().models and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not client.ps().models, "keep_alive 0 lets it go"
        client.delete(model.model)
        assert not list(tmp_path.glob("*.gguf"))
        with pytest.raises(ollama.ResponseError):
            client.show(model.model)
    finally:
        server.stop()
