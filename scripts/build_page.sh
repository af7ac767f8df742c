#!/usr/bin/env bash
# Builds the chat page from ui/ into crates/server/ui/dist, where cargo embeds it. Without Node.js, or if npm cannot
# have what it needs, the plain page is what the binary gets: told, and no failure.
set -euo pipefail
cd "$(dirname "$0")/../ui"
page=../crates/server/ui/dist/index.html
plain() {
  if [ -f "$page" ]; then echo "the chat page stays as it was built before: $1"; else echo "the plain chat page is built in: $1"; fi
  exit 0
}
changed() { [ ! -f "$page" ] || [ -n "$(find . -path ./node_modules -prune -o -type f -newer "$page" -print -quit)" ]; }
changed || exit 0
command -v node >/dev/null || plain "there is no Node.js"
major=$(node -p 'Number(process.versions.node.split(".")[0])')
[ "$major" -ge 20 ] || plain "Node.js $major is older than 20"
if [ ! -f node_modules/done ] || [ package-lock.json -nt node_modules/done ]; then
  "${NPM:-npm}" ci --no-audit --no-fund --loglevel=error || plain "npm cannot install what ui/package-lock.json names"
  touch node_modules/done
fi
"${NPM:-npm}" run --silent build
