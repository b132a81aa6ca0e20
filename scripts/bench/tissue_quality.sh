#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the tissue and quality rules: recall on patches that a script damages, what undamaged ones lose, presets by organ.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

if (($# > 2)) || [[ ${1:-} == -* ]]; then
  echo "usage: scripts/bench/tissue_quality.sh [PATCHES [TILES]]   (build first with scripts/demo.sh or scripts/test.sh)" >&2
  echo "PATCHES holds one folder of .jpg patches a slide (default: demo/patches), TILES real tiles with and without tissue" >&2
  exit 2
fi
bench=$repository/scripts/bench
make_python bench-stain "$bench/stain_requirements.txt"
"$python_home/bin/python" "$bench/tissue_quality.py" "$repository/build/release/clippath" "${1:-$repository/demo/patches}" "${@:2}"
