#!/usr/bin/env bash
# The real binary in a real browser: headless Chromium, driven by playwright-core.
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "skipped: browser test: $1"; exit 0; }
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$chromium" ] || skip "no Chromium (Debian: chromium)"
command -v node >/dev/null || skip "no Node.js"
cd tests/browser
if [ ! -d node_modules/playwright-core ]; then
  "${NPM:-npm}" ci --no-audit --no-fund --loglevel=error || skip "npm cannot install playwright-core"
fi
CHROMIUM=$chromium node --test --test-concurrency=1
