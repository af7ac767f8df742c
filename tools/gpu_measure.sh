#!/usr/bin/env bash
# Measures a GPU, in under ten minutes: the self-test, then decode at 1, 8 and 64 sequences and prefill of 512 and 4,096 tokens
# of each model given. Writes one JSON object a line to stdout.
#   tools/gpu_measure.sh MODEL.gguf ... > gpu.jsonl
set -euo pipefail
cd "$(dirname "$0")/.."
gollum=${GOLLUM:-target/release/gollum}
device=${DEVICE:-gpu}
[ -x "$gollum" ] || "${CARGO:-cargo}" build --release --package gollum --features gpu >&2
"$gollum" devices --json
timeout 240 "$gollum" gpu-selftest --json || echo '{"failed":"gpu-selftest"}'
for model in "$@"; do
  timeout 120 "$gollum" bench "$model" --device "$device" --pp 512 --tg 64 --batch 1,8,64 --reps 3 --json ||
    echo "{\"failed\":\"bench\",\"model\":\"$(basename "$model")\"}"
  timeout 60 "$gollum" bench "$model" --device "$device" --pp 4096 --tg 1 --batch 1 --reps 1 --json ||
    echo "{\"failed\":\"bench of a long prompt\",\"model\":\"$(basename "$model")\"}"
done
