#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares `clippath model tokenize` with the Rust library `tokenizers` on every code point and on random texts: CLIP, BERT cased and uncased, CONCH. Exit 1 on any difference.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

if (($# > 2)); then
  echo "usage: scripts/fuzz/tokenizers_vs_rust.sh [TEXTS [SEED]]   (build first with scripts/test.sh; 20000 texts, seed 1)" >&2
  exit 2
fi
make_python fuzz-tokenizers "$repository/scripts/fuzz/requirements.txt"
"$python_home/bin/python" "$repository/scripts/fuzz/tokenizers_vs_rust.py" "${CLIPPATH:-$repository/build/release/clippath}" "$repository" "${1:-20000}" "${2:-1}"
