#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times `clippath bench encode` against transformers: a CLIP of the size of ViT-B/32, the same weights, threads and types. Exit 1 below the bars.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/build.sh
. "$repository/scripts/lib/build.sh"
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

if (($# != 1)); then
  echo "usage: scripts/bench/encode_vs_python.sh TEXTS   (a file with one diagnosis phrase a line)" >&2
  exit 2
fi
texts=$1
bench=$repository/scripts/bench
threads=$(nproc)

make_model() {
  clip=$deps/bench-clip-b32-2
  [[ -e $clip.ok ]] && return
  rm -rf "$clip"
  mkdir -p "$clip"
  run_logged "$deps/log/bench-python.log" "$python_home/bin/python" "$bench/make_clip_b32.py" "$repository/tests/golden/tokenizers/clip" "$clip"
  rm -rf "$clip-golden"
  # `auto` takes bf16 only for a model that says what its outputs should be.
  run_logged "$deps/log/bench-python.log" "$program" model convert "$clip" --out "$clip-golden" --golden
  touch "$clip.ok"
  print_step "random CLIP ViT-B/32 written"
}

ours() { "$program" bench encode --model "${2:-$clip}" --texts "$texts" --dtype "$1" --json; }
# The same while another process keeps one core busy.
ours_beside_another() {
  python3 -c 'while True: pass' &
  local other=$!
  ours "$1"
  kill "$other"
}
theirs() { "$python_home/bin/python" "$bench/encode_vs_python.py" "$clip" "$texts" "$1" 32 "$threads"; }

"$repository/scripts/setup.sh"
configure_release OFF
build_release clippath
make_python bench-python "$bench/requirements.txt" 2.13.0+cpu
make_model

dtypes=(fp32)
grep -qE ' (avx512_bf16|amx_bf16)' /proc/cpuinfo && dtypes+=(bf16)
results=$(mktemp)
trap 'rm -f "$results"' EXIT
for dtype in "${dtypes[@]}"; do
  printf '{"dtype": "%s", "ours": %s, "busy": %s, "theirs": %s}\n' "$dtype" "$(ours "$dtype")" "$(ours_beside_another "$dtype")" \
    "$(theirs "$dtype")" >>"$results"
done
printf '{"dtype": "auto", "ours": %s}\n' "$(ours auto "$clip-golden")" >>"$results"
python3 "$bench/encode_ratios.py" "$results"
