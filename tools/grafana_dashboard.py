"""Writes deploy/grafana/dashboards/gollum.json: a table of panels is easier to read, and to change, than what Grafana stores."""
import json
from pathlib import Path

OUT = Path(__file__).parent.parent / "deploy/grafana/dashboards/gollum.json"
MODEL = 'model_name=~"$model"'


def rate(metric: str, by: str = "model_name") -> str:
    return f"sum by ({by}) (rate(gollum_{metric}{{{MODEL}}}[$__rate_interval]))"


def gauge(metric: str) -> str:
    return f"sum by (model_name) (gollum_{metric}{{{MODEL}}})"


def quantiles(metric: str) -> list[tuple[str, str]]:
    return [(f"histogram_quantile({q}, {rate(metric + '_bucket', 'model_name, le')})", f"p{q * 100:g} {{{{model_name}}}}") for q in (0.5, 0.95, 0.99)]


NAME = "{{model_name}}"
# Row, then (title, what it tells, unit, [(query, legend)]).
PANELS = {
    "How it is": [
        ("Tokens generated", "Per second, all requests together.", "short", [(rate("generation_tokens_total"), NAME)]),
        ("Prompt tokens computed", "Per second; cached ones are not among them.", "short", [(rate("prefill_rows_total"), NAME)]),
        ("Requests", "In the batch, and waiting.", "short", [(gauge("requests_running"), f"running {NAME}"), (gauge("requests_waiting"), f"waiting {NAME}")]),
        ("Answers by status", "HTTP answers per second.", "reqps", [("sum by (status) (rate(gollum_http_requests_total[$__rate_interval]))", "{{status}}")]),
    ],
    "What readers feel": [
        ("Time to first token", "From asking to the first word.", "s", quantiles("time_to_first_token_seconds")),
        ("Between tokens", "The speed of reading.", "s", quantiles("inter_token_latency_seconds")),
        ("Time in the queue", "From asking to being let in.", "s", quantiles("request_queue_time_seconds")),
        ("Refused", "Per second: 429 where the queue is full.", "reqps", [(rate("requests_refused_total", "model_name, reason"), f"{{{{reason}}}} {NAME}")]),
    ],
    "Caches": [
        ("Prompt tokens from the prefix cache", "Share of those looked up.", "percentunit",
         [(f"{rate('prefix_cache_hit_tokens_total')} / {rate('prefix_cache_query_tokens_total')}", NAME)]),
        ("KV pages", "Held by requests, cached for later ones, free.", "short",
         [(gauge("kv_pages_held"), f"held {NAME}"), (gauge("kv_pages_cached"), f"cached {NAME}"), (gauge("kv_pages_free"), f"free {NAME}")]),
        ("Evictions and preemptions", "Per second: pages given up, requests that lost theirs.", "short",
         [(rate("kv_page_evictions_total"), f"evictions {NAME}"), (rate("preemptions_total"), f"preemptions {NAME}")]),
        ("Answers replayed", "Requests per second that needed no computing at all.", "reqps", [(rate("prompt_cache_hits_total"), NAME)]),
    ],
    "The engine": [
        ("Batch", "Sequences in one step, on average.", "short", [(f"{rate('batch_size_sum')} / {rate('batch_size_count')}", NAME)]),
        ("Where a second goes", "Share of time in the model, in sampling, in scheduling.", "percentunit",
         [(rate("forward_seconds_total"), f"model {NAME}"), (rate("sample_seconds_total"), f"sampling {NAME}"), (rate("schedule_seconds_total"), f"scheduling {NAME}")]),
        ("Heartbeat", "Time since the engine was last between two steps.", "s", [(f"max by (model_name) (gollum_engine_heartbeat_age_seconds{{{MODEL}}})", NAME)]),
        ("Connections", "Open, and generations in progress.", "short", [("gollum_http_open_connections", "connections"), ("gollum_http_generations", "generations")]),
    ],
}


def dashboard() -> dict:
    source = {"type": "prometheus", "uid": "prometheus"}
    panels, y = [], 0
    for row, entries in PANELS.items():
        panels.append({"type": "row", "title": row, "id": len(panels) + 1, "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []})
        for at, (title, about, unit, queries) in enumerate(entries):
            panels.append({
                "type": "timeseries", "title": title, "description": about, "id": len(panels) + 1, "datasource": source,
                "gridPos": {"x": 6 * at, "y": y + 1, "w": 6, "h": 8},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"lineWidth": 2, "fillOpacity": 8, "showPoints": "never"}}, "overrides": []},
                "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
                "targets": [{"refId": chr(65 + n), "expr": query, "legendFormat": legend, "datasource": source} for n, (query, legend) in enumerate(queries)],
            })
        y += 9
    model = {"name": "model", "label": "Model", "type": "query", "datasource": source, "query": "label_values(gollum_requests_running, model_name)",
             "refresh": 2, "includeAll": True, "multi": True, "allValue": ".*", "current": {"text": "All", "value": "$__all"}}
    return {"title": "GoLLuM", "uid": "gollum", "schemaVersion": 39, "editable": True, "refresh": "5s", "time": {"from": "now-30m", "to": "now"},
            "tags": ["gollum"], "templating": {"list": [model]}, "panels": panels}


if __name__ == "__main__":
    OUT.write_text(json.dumps(dashboard(), indent=1) + "\n")
