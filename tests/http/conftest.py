"""Starts the real binary on a free loopback port, once per model, and ends it by its process id."""

import os
import pathlib
import queue
import signal
import subprocess
import threading
import urllib.request

import openai
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / "bin" / "gollum"
MODELS = pathlib.Path(os.environ.get("GOLLUM_TEST_MODELS", ROOT / "models"))
SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 40


class Server:
    """One `gollum serve`. Its port is the one it prints."""

    def __init__(self, *flags, env=None):
        assert BINARY.exists(), f"{BINARY} is missing: run `make` first"
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GOLLUM_") and k != "PORT"}
        self.process = subprocess.Popen(
            [str(BINARY), "serve", "--port", "0", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**clean, **(env or {})},
        )
        self.lines = queue.Queue()
        self.stderr = []
        threading.Thread(target=self._read_stdout, daemon=True).start()
        self._stderr_reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._stderr_reader.start()
        self.greeting = []
        self.url = self._wait_for_address()

    def _read_stdout(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def _read_stderr(self):
        for line in self.process.stderr:
            self.stderr.append(line.rstrip("\n"))

    def _wait_for_address(self):
        while True:
            line = self.lines.get(timeout=START_TIMEOUT_S)
            assert line is not None, f"the server ended: {self.stderr}"
            self.greeting.append(line)
            if " listens on http://" in line:
                return line.split(" listens on ")[1].strip()

    def client(self, key="none"):
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=key, max_retries=0, timeout=120)

    def get(self, path):
        """Status and body of a GET."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        code = self.process.wait(timeout=STOP_TIMEOUT_S)
        self._stderr_reader.join(timeout=5)
        return code

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the server did not end after SIGTERM: {self.stderr}") from None


@pytest.fixture(scope="session")
def empty_models(tmp_path_factory):
    return tmp_path_factory.mktemp("no-models")


@pytest.fixture(scope="session")
def toy(empty_models):
    """A server without any model: the toy answers."""
    server = Server("--models-dir", str(empty_models))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def smollm2_path():
    path = MODELS / f"{SMOLLM2}.gguf"
    if not path.exists():
        pytest.skip(f"skipped: {path.name} is not in {MODELS.name}/")
    return path


@pytest.fixture(scope="session")
def smollm2(smollm2_path):
    """A server with a real model."""
    server = Server("--model", str(smollm2_path), "--max-model-len", "2048", "--kv-memory", "512MiB")
    yield server
    server.stop()
