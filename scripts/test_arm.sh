#!/usr/bin/env bash
# Runs the kernels' tests and whole models as ARM code under qemu: the same bits on another instruction set.
set -euo pipefail
target=aarch64-unknown-linux-gnu
skip() { echo "skipped: ARM tests: $1"; exit 0; }
qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || skip "no qemu-aarch64 (Debian: qemu-user)"
linker=$(command -v aarch64-linux-gnu-gcc) || skip "no aarch64-linux-gnu-gcc (Debian: gcc-aarch64-linux-gnu)"
if ! rustup target list --installed 2>/dev/null | grep -qx "$target"; then
  rustup target add "$target" >/dev/null 2>&1 || skip "the standard library for $target cannot be had here"
fi
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=$linker
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="$qemu -L /usr/aarch64-linux-gnu"
# dotprod and i8mm are what every Apple machine since the M2 has; qemu's `max` has them too.
export QEMU_CPU=max
cargo=${CARGO:-cargo}
if [ -n "${GOLLUM_ARM_ALL:-}" ]; then
  "$cargo" test --target "$target" -p gollum-quant -p gollum-kernels -p gollum-backend-cpu
else
  # What is ARM's own; the scalar kernels are the same text as elsewhere.
  "$cargo" test --target "$target" -p gollum-quant -p gollum-kernels --lib
  GOLLUM_CONFORMANCE_CASES=${GOLLUM_CONFORMANCE_CASES:-100} \
    "$cargo" test --target "$target" -p gollum-backend-cpu --lib -- neon
fi
# Whole models: tiny ones and SmolLM2. GOLLUM_ARM_ALL=1, above and here, is the long form: it adds gemma 3 and a tiny model of every architecture.
models=(tiny_models smollm2)
[ -z "${GOLLUM_ARM_ALL:-}" ] || models+=(gemma3 architectures)
"$cargo" test --target "$target" -p gollum-models --test recorded_bits -- --nocapture "${models[@]}"
echo "ARM tests under qemu: passed"
