"""What operators see beside metrics: traces at a stand-in collector, and profiles that a reader of the format can read."""

import http.server
import json
import queue
import threading
import urllib.request

import pytest

from conftest import Server

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector(http.server.ThreadingHTTPServer):
    """Takes OTLP over HTTP in JSON, as the OpenTelemetry collector does."""

    def __init__(self):
        self.messages = queue.Queue()
        super().__init__(("127.0.0.1", 0), Taker)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def spans(self):
        message = self.messages.get(timeout=20)
        return message["resourceSpans"][0]["scopeSpans"][0]["spans"]


class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        assert self.path == "/v1/traces" and self.headers["content-type"] == "application/json"
        self.server.messages.put(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def collector():
    with Collector() as collector:
        yield collector
        collector.shutdown()


@pytest.fixture(scope="module")
def server(empty_models, collector):
    server = Server("--models-dir", str(empty_models), "--otlp-endpoint", f"http://127.0.0.1:{collector.server_port}")
    yield server
    server.stop()


def ask(server, headers, tokens=3):
    body = json.dumps({"prompt": "Once", "max_tokens": tokens, "ignore_eos": True}).encode()
    request = urllib.request.Request(
        server.url + "/v1/completions", body, {"content-type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_request_is_a_span_of_its_callers_trace_with_a_span_for_each_phase(server, collector):
    ask(server, {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "traced"})
    whole, *phases = collector.spans()
    assert (whole["traceId"], whole["parentSpanId"]) == (TRACE, PARENT)
    said = {a["key"]: next(iter(a["value"].values())) for a in whole["attributes"]}
    assert said["gollum.request_id"] == "traced" and said["gollum.outcome"] == "complete"
    assert said["gen_ai.usage.output_tokens"] == "3"
    assert [phase["name"] for phase in phases] == ["prepare", "queue", "prefill", "decode"]
    at = int(whole["startTimeUnixNano"])
    for phase in phases:
        assert phase["parentSpanId"] == whole["spanId"]
        assert int(phase["startTimeUnixNano"]) == at
        at = int(phase["endTimeUnixNano"])
    assert at <= int(whole["endTimeUnixNano"])


def test_traces_that_the_caller_does_not_keep_are_not_sent(server, collector):
    ask(server, {"traceparent": f"00-{TRACE}-{PARENT}-00"})
    ask(server, {"traceparent": "nonsense"})
    whole = collector.spans()[0]
    assert whole["traceId"] != TRACE and "parentSpanId" not in whole


def test_a_collector_that_is_away_costs_nothing_but_traces(empty_models):
    server = Server("--models-dir", str(empty_models), "--otlp-endpoint", "http://127.0.0.1:9")
    try:
        assert ask(server, {})["usage"]["completion_tokens"] == 3
    finally:
        server.stop()


def fields(message):
    """Field numbers and values of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        else:
            assert key & 7 == 2, "profiles have numbers and lengths only"
            length = varint()
            yield key >> 3, message[at : at + length]
            at += length


def test_a_profile_names_what_ran(smollm2):
    """The toy would not do: it computes too little to be seen."""
    stop = threading.Event()

    def work():
        while not stop.is_set():
            ask(smollm2, {}, tokens=100)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with urllib.request.urlopen(smollm2.url + "/debug/pprof/profile?seconds=2", timeout=30) as answer:
            profile = list(fields(answer.read()))
    finally:
        stop.set()
        worker.join()
    strings = [value.decode() for number, value in profile if number == 6]
    functions = {}
    for number, value in profile:
        if number == 5:
            function = dict(fields(value))
            functions[function[1]] = strings[function[2]]
    samples = [value for number, value in profile if number == 2]
    assert "cpu" in strings and samples, "nobody was seen at work"
    assert any("gollum" in name for name in functions.values()), functions


def test_profiles_are_bounded(server):
    status, said = server.get("/debug/pprof/profile?seconds=1000")
    assert status == 400 and "seconds" in said
