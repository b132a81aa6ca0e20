#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Indexes a folder with patches.csv and slides.csv and prints latency, exactness and retrieval quality of text queries over HTTP.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if (($# != 1)) || [[ $1 == -h || $1 == --help ]]; then
  echo "usage: scripts/bench/serve_atlas.sh FOLDER   (holds patches.csv and slides.csv; build first with scripts/demo.sh or scripts/test.sh)" >&2
  exit 2
fi

program=$repository/build/release/clippath
model=$repository/demo/model/atlas-clippath-small
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

"$program" index --patches "$1/patches.csv" --slides "$1/slides.csv" --data "$data/index" --model "$model" --quiet
"$program" bench serve --data "$data/index" --queries 1000 --paraphrases "$model/paraphrases.json"
