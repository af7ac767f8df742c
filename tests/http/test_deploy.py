"""What deploy/ promises: a real Prometheus scrapes a real server, and every query of dashboard and alerts finds data."""

import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import Server

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DASHBOARD = DEPLOY / "grafana/dashboards/gollum.json"
ALERTS = DEPLOY / "prometheus/alerts.yaml"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PATIENCE_S = 60

needs = {name: pytest.mark.skipif(not shutil.which(name), reason=f"no {name} (Debian: prometheus)") for name in ("promtool", "prometheus")}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server("--models-dir", str(tmp_path_factory.mktemp("models")), "--seed", "1")
    yield server
    server.stop()


def ask(server, text):
    body = json.dumps({"messages": [{"role": "user", "content": text}], "max_tokens": 20, "ignore_eos": True})
    request = urllib.request.Request(f"{server.url}/v1/chat/completions", body.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def metrics(server, accept):
    request = urllib.request.Request(f"{server.url}/metrics", headers={"accept": accept})
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return answer.headers["content-type"], answer.read().decode()


def dashboard_queries():
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def alert_expressions():
    """The `expr` of each alert; folded ones joined. No YAML parser: the file is ours."""
    text = ALERTS.read_text()
    found = re.findall(r"^ {8}expr: (?:>-\n((?: {10}.*\n)+)|(.*)\n)", text, re.MULTILINE)
    return [" ".join(folded.split()) or plain for folded, plain in found]


def test_the_dashboard_is_what_its_tool_writes(tmp_path):
    before = DASHBOARD.read_text()
    subprocess.run([sys.executable, ROOT / "tools/grafana_dashboard.py"], check=True)
    after = DASHBOARD.read_text()
    DASHBOARD.write_text(before)
    assert after == before, "run tools/grafana_dashboard.py"


@needs["promtool"]
def test_rules_and_configuration_are_sound():
    for what, path in [("rules", ALERTS), ("config", DEPLOY / "prometheus/prometheus.yaml")]:
        done = subprocess.run(["promtool", "check", what, path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@needs["promtool"]
def test_the_text_format_is_clean(server):
    ask(server, "Hello there")
    kind, page = metrics(server, "text/plain")
    assert kind.startswith("text/plain; version=0.0.4")
    # vLLM's names hold a colon, which its dashboards want and the linter does not.
    ours = "".join(line + "\n" for line in page.splitlines() if "vllm:" not in line)
    for text, fine in [(ours, [0]), (page, [0, 3])]:
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        assert done.returncode in fine, done.stdout + done.stderr


def test_openmetrics_is_for_who_asks(server):
    ask(server, "Hello there")
    kind, page = metrics(server, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert kind == OPENMETRICS and page.endswith("\n# EOF\n")
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))
    assert len(types) > 60
    for family, kind in types.items():
        # A counter's samples have the ending that its family lacks.
        assert kind != "counter" or (not family.endswith("_total") and f"\n{family}_total" in page), family


def test_the_caches_are_told_as_they_change_and_to_so_many_readers(server):
    request = urllib.request.Request(f"{server.url}/debug/kv", headers={"accept": "text/event-stream"})
    readers = [urllib.request.urlopen(request, timeout=PATIENCE_S) for _ in range(8)]
    try:
        assert readers[0].headers["content-type"].startswith("text/event-stream")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=PATIENCE_S)
        assert refused.value.code == 503 and refused.value.headers["retry-after"]

        def picture():
            line = next(line for line in readers[0] if line.startswith(b"data: "))
            return json.loads(line[len(b"data: "):])

        before = picture()
        ask(server, "A beginning that nobody has had before, long enough for a page or two of tokens to be kept")
        after = picture()
        while not any(model["tree"] for model in after["models"].values()) or after == before:
            after = picture()
        assert len(after["recent"]) > 0 and after["recent"][0]["id"] not in [one["id"] for one in before["recent"]]
    finally:
        for reader in readers:
            reader.close()
    deadline = time.monotonic() + PATIENCE_S
    while True:  # places are free again once the readers are gone
        try:
            urllib.request.urlopen(request, timeout=PATIENCE_S).close()
            break
        except urllib.error.HTTPError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@needs["prometheus"]
def test_prometheus_scrapes_and_every_query_returns_data(server, tmp_path):
    config = f"""
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: ["{ALERTS}"]
scrape_configs:
  - job_name: gollum
    static_configs: [{{ targets: ["{server.url.removeprefix('http://')}"] }}]
"""
    (tmp_path / "prometheus.yaml").write_text(config)
    port = free_port()
    log = (tmp_path / "log").open("w")
    prometheus = subprocess.Popen(
        ["prometheus", f"--config.file={tmp_path}/prometheus.yaml", f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{port}"],
        stdout=log, stderr=log)

    def query(path, **parameters):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    try:
        queries = [q.replace("$__rate_interval", "20s").replace("$model", ".*") for q in dashboard_queries()]
        # An alert that is silent returns nothing: its numbers are asked for without the thresholds.
        for expression in alert_expressions():
            queries += [re.sub(r" (>|<|==) [\d.]+$", "", part) for part in re.split(r" (?:and|or) ", expression)]
        assert len(queries) > 35
        deadline = time.monotonic() + PATIENCE_S
        empty = queries
        while empty and time.monotonic() < deadline:
            time.sleep(1)
            # Work, answers and a refusal by an unknown route among it.
            ask(server, f"Hello there {time.monotonic()}")
            try:
                empty = [q for q in empty if not query("/api/v1/query", query=q)["result"]]
            except OSError:
                continue
        assert not empty, f"without data: {empty}\n{(tmp_path / 'log').read_text()[-2000:]}"
        targets = query("/api/v1/targets")["activeTargets"]
        assert [(target["health"], target["lastError"]) for target in targets] == [("up", "")]
        rules = [rule for group in query("/api/v1/rules")["groups"] for rule in group["rules"]]
        assert len(rules) == len(alert_expressions()) and all(rule["health"] == "ok" for rule in rules), rules
        assert not [rule["name"] for rule in rules if rule["state"] == "firing"], "nothing is wrong with this server"
    finally:
        prometheus.terminate()
        prometheus.wait(timeout=20)
        log.close()
