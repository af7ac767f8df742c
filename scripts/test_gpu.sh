#!/usr/bin/env bash
# The GPU backend's tests on whatever Vulkan or Metal device there is, software drivers included; the conformance
# suite once more with subgroups half as wide, on drivers that can. Without a device each test says that it is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
export NODEVICE_SELECT=1
software=$(find /usr/share/vulkan/icd.d -name 'lvp_icd*.json' 2>/dev/null | head -1 || true)
[ -n "${VK_DRIVER_FILES:-}" ] || [ -z "$software" ] || export VK_DRIVER_FILES=$software
"${CARGO:-cargo}" test --package gollum-backend-gpu --no-fail-fast "$@"
if [ -n "$software" ]; then
  LP_NATIVE_VECTOR_WIDTH=128 "${CARGO:-cargo}" test --package gollum-backend-gpu --test conformance
fi
