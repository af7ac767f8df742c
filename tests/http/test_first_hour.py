"""What people bring: their own files, names, environments; and what they get without any setting."""

import os
import shutil
import subprocess

import openai
import pytest

from conftest import BINARY, SMOLLM2, Server

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


def run(*arguments, variables=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GOLLUM_") and k != "PORT"}
    return subprocess.run(
        [str(BINARY), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**clean, **(variables or {})},
    )


def place(model, path):
    """The model under another name, without a copy where that can be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(model, path)
    except OSError:
        shutil.copy(model, path)


def hub_cache(model, root):
    """A cache of the Hugging Face libraries; returns the snapshot's link."""
    repository = root / "models--org--SmolLM2-GGUF"
    place(model, repository / "blobs" / ("b1" * 32))
    link = repository / "snapshots" / "0123abcd" / f"{SMOLLM2}.gguf"
    link.parent.mkdir(parents=True)
    link.symlink_to(f"../../blobs/{'b1' * 32}")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abcd")
    return link


@pytest.fixture
def server(request):
    started = []

    def start(*flags, **options):
        started.append(Server(*flags, "--kv-memory", "128MiB", "-c", "1024", **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


# ---- the first answers


def test_requests_that_say_nothing_are_sampled_with_the_known_values(toy):
    answer = toy.client().chat.completions.with_raw_response.create(model="toy-1", messages=QUESTION, max_tokens=2)
    status, text = toy.get(f"/debug/requests/{answer.headers['x-request-id']}")
    assert status == 200
    for expected in ['"temperature":0.8', '"top_k":40', '"top_p":0.95', '"min_p":0.05']:
        assert expected in text, text
    listed = toy.client().models.list().data[0].model_dump()
    assert listed["default_sampling"]["top_k"] == 40


def test_flags_set_what_requests_do_not_say(server, empty_models):
    toy = server("--models-dir", str(empty_models), "--temp", "0.3", "--top-k", "5", "--repeat-penalty", "1.1")
    answer = toy.client().chat.completions.with_raw_response.create(
        model="toy-1", messages=QUESTION, max_tokens=2, top_p=0.5
    )
    _, text = toy.get(f"/debug/requests/{answer.headers['x-request-id']}")
    for expected in ['"temperature":0.3', '"top_k":5', '"top_p":0.5', '"repetition_penalty":1.1']:
        assert expected in text, text


def test_the_start_says_what_a_small_model_is_for(smollm2):
    greeting = ""
    while "shows others" not in greeting:
        greeting += smollm2.lines.get(timeout=20)
    assert "trying things out" in greeting and "gollum pull " in greeting, greeting


def test_a_question_without_any_setting_gets_a_sensible_answer(smollm2):
    texts = [
        smollm2.client().chat.completions.create(model=SMOLLM2, messages=QUESTION, max_tokens=48, seed=seed)
        for seed in range(5)
    ]
    right = sum("Paris" in text.choices[0].message.content for text in texts)
    assert right >= 3, [text.choices[0].message.content for text in texts]


def test_inspect_shows_how_a_file_is_sampled(smollm2_path):
    assert "sampling  temperature 0.8, top_k 40" in run("inspect", str(smollm2_path)).stdout


def test_pull_alone_shows_the_catalogue():
    done = run("pull")
    assert done.returncode == 0 and "llama-3.2-1b-instruct" in done.stdout, done
    assert "suits this machine" in done.stdout, done.stdout


# ---- files and names


def test_folders_of_publishers_and_odd_names_are_served(server, tmp_path, smollm2_path):
    place(smollm2_path, tmp_path / "org" / "SmolLM2" / "one.gguf")
    place(smollm2_path, tmp_path / "org" / "Two" / "a-Q4_1.gguf")
    place(smollm2_path, tmp_path / "org" / "Two" / "b-Q4_1.gguf")
    place(smollm2_path, tmp_path / "Grüße +1.gguf")
    (tmp_path / "mmproj-x.gguf").write_bytes(b"GGUF")
    served = server("--models-dir", str(tmp_path))
    ids = [model.id for model in served.client().models.list().data]
    assert ids == ["Grüße +1", "org/SmolLM2", "org/Two/a-Q4_1", "org/Two/b-Q4_1"]
    for name in ["org/SmolLM2", "Grüße +1", None]:
        body = {"messages": QUESTION, "max_tokens": 1, **({"model": name} if name else {"model": ""})}
        answer = served.client().chat.completions.create(**body)
        assert answer.model in ids
    assert served.client().models.retrieve("org/SmolLM2").id == "org/SmolLM2"
    for _ in range(3):
        served.get("/v1/models")
    told = [line for line in served.stderr if "mmproj-x.gguf" in line]
    assert len(told) == 1 and "projector" in told[0], served.stderr


def test_a_served_name_may_be_that_of_a_repository(server, smollm2_path):
    served = server("--model", str(smollm2_path), "--served-model-name", "org/name:latest")
    assert served.client().models.list().data[0].id == "org/name:latest"
    answer = served.client().chat.completions.create(model="org/name:latest", messages=QUESTION, max_tokens=1)
    assert answer.model == "org/name:latest"
    with pytest.raises(openai.NotFoundError):
        served.client().chat.completions.create(model="gpt-4o", messages=QUESTION, max_tokens=1)


def test_any_model_name_lets_every_name_through(server, tmp_path, smollm2_path):
    place(smollm2_path, tmp_path / f"{SMOLLM2}.gguf")
    served = server("--models-dir", str(tmp_path), "--any-model-name")
    answer = served.client().chat.completions.create(model="gpt-4o", messages=QUESTION, max_tokens=1)
    assert answer.model == SMOLLM2


@pytest.mark.parametrize("way", ["path", "folder", "cache"])
def test_the_cache_of_the_hub_libraries_is_served(server, tmp_path, smollm2_path, way):
    link = hub_cache(smollm2_path, tmp_path)
    flags, name = {
        "path": (["--model", str(link)], SMOLLM2),
        "folder": (["--models-dir", str(link.parent)], SMOLLM2),
        "cache": (["--models-dir", str(tmp_path)], "org/SmolLM2-GGUF"),
    }[way]
    served = server(*flags)
    assert name in [model.id for model in served.client().models.list().data]
    assert served.client().chat.completions.create(model=name, messages=QUESTION, max_tokens=1).model == name


def test_the_advice_on_memory_names_what_decided(server, smollm2_path):
    served = Server("--model", str(smollm2_path), "--max-model-len", "256", "--kv-memory", "64MiB")
    try:
        served.client().chat.completions.create(model=SMOLLM2, messages=QUESTION, max_tokens=1)
        loaded = [line for line in served.stderr if "weights loaded" in line]
        assert "as --max-model-len says" in loaded[0] and "raise" not in loaded[0], loaded
    finally:
        served.stop()


# ---- the environment


def test_kubernetes_service_links_are_ignored_and_told(server, empty_models):
    links = {"GOLLUM_PORT": "tcp://10.0.0.1:80", "PORT": ""}
    assert run("list", "--models-dir", str(empty_models), variables=links).returncode == 0
    beaten = server("--models-dir", str(empty_models), env=links)  # with --port 0
    assert beaten.get("/livez")[0] == 200
    assert not [line for line in beaten.stderr if "Kubernetes" in line]


def test_wrong_variables_are_named_and_empty_ones_are_unset(empty_models):
    wrong = run("serve", "--models-dir", str(empty_models), variables={"GOLLUM_PORT": "http"})
    assert wrong.returncode == 2 and "GOLLUM_PORT is `http`" in wrong.stderr, wrong.stderr
    wrong = run("list", variables={"GOLLUM_LOG": "gollum=loud=very", "GOLLUM_MODELS_DIR": str(empty_models)})
    assert wrong.returncode == 0 and "GOLLUM_LOG" in wrong.stderr, wrong.stderr
    unset = {"GOLLUM_MODELS_DIR": "", "GOLLUM_SYSTEM": "", "GOLLUM_PIN_THREADS": "0", "GOLLUM_TOP_K": " "}
    done = run("run", "toy-1", "Hello", "-n", "2", variables=unset)
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
