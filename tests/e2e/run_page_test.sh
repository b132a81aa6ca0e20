#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Indexes the bundled slides into a temporary folder, serves them on a free port and runs the page test in a real browser.
# usage: run_page_test.sh CLIPPATH NODE PLAYWRIGHT_NODE_MODULES   (in the repository's root)
set -euo pipefail
program=$1 node=$2 playwright=$3
work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  wait 2>/dev/null || :
  rm -rf "$work"
}
trap cleanup EXIT

"$program" index demo/slides/manifest.csv --data "$work/data" --model demo/model/atlas-clippath-small --overlap 0.5 --quiet
"$program" index --patches demo/patches/patches.csv --slides demo/patches/slides.csv --data "$work/data" --quiet
"$program" reports import demo/reports/reports.csv --data "$work/data" --quiet
"$program" serve --data "$work/data" --listen 127.0.0.1:0 2> "$work/serve.err" &
server=$!
for _ in $(seq 300); do
  url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/serve.err")
  [ -z "$url" ] || break
  sleep 0.1
done
[ -n "$url" ] || { cat "$work/serve.err"; exit 1; }
"$node" tests/e2e/page_test.mjs --url "$url" --playwright "$playwright"
