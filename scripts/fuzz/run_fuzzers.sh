#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the fuzzers of tests/fuzz and runs each so many seconds from its corpus. What they find lies in build/fuzz/findings; exit 1 then.
# With --keep, new inputs that reach new code join tests/fuzz/corpus, up to 48 of a fuzzer.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"

keep=false
if [[ ${1:-} == --keep ]]; then
  keep=true
  shift
fi
seconds=${1:-60}
if (($# > 1)) || [[ ! $seconds =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: scripts/fuzz/run_fuzzers.sh [--keep] [SECONDS]   (of each fuzzer; 60)" >&2
  exit 2
fi
readonly max_bytes=4000  # of an input
readonly max_inputs=48   # of a corpus

compiler=${CLIPPATH_CLANG:-}
for name in clang++ clang++-14; do
  if [[ -z $compiler ]] && found=$(command -v "$name"); then compiler=$found; fi
done
[[ -n $compiler ]] || fail "there is no clang; install clang-14 and libclang-rt-14-dev, or name it: CLIPPATH_CLANG=clang++-16"

cd "$repository"
build=build/fuzz
mkdir -p "$build/findings"
print_step "building with $compiler"
run_logged "$build/build.log" cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler"
run_logged "$build/build.log" cmake --build --preset fuzz

export UBSAN_OPTIONS=print_stacktrace=1
# Folders that the targets write lie in memory where there is such a place.
[[ -d /dev/shm ]] && export TMPDIR=/dev/shm

# Copies new inputs, evenly over their sizes, until the corpus is full.
keep_inputs() {
  local found=$1 corpus=$2 room count step number=0 input name
  room=$((max_inputs - $(find "$corpus" -type f | wc -l)))
  count=$(find "$found" -type f | wc -l)
  ((room > 0)) || return 0
  step=$(((count + room - 1) / room))
  while read -r _ input; do
    name=$(basename "$input" | cut -c 1-16).bin
    if ((number++ % step == 0)); then cp "$input" "$corpus/$name"; fi
  done < <(find "$found" -type f -printf '%s %p\n' | sort -n)
}

printf '%-20s %14s %10s\n' fuzzer executions findings
status=0
for corpus in tests/fuzz/corpus/*/; do
  target=$(basename "$corpus")
  findings=$build/findings/$target
  work=$build/corpora/$target
  mkdir -p "$work" "$findings"
  program=$build/tests/fuzz/fuzz_$target
  "$program" "$work" "$corpus" -max_total_time="$seconds" -max_len=$max_bytes -timeout=20 -print_final_stats=1 \
    -artifact_prefix="$findings/" >"$findings.log" 2>&1 || status=1
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$findings.log")
  printf '%-20s %14s %10s\n' "$target" "${executions:-?}" "$(find "$findings" -type f | wc -l)"
  if $keep; then
    merged=$(mktemp -d)
    # By lines of code that are reached, not by how often: a few dozen do.
    "$program" -set_cover_merge=1 -use_counters=0 -max_len=$max_bytes "$merged" "$corpus" "$work" >>"$findings.log" 2>&1
    find "$corpus" -type f -exec sha1sum {} + | while read -r digest _; do rm -f "$merged/$digest"; done
    keep_inputs "$merged" "$corpus"
    rm -r "$merged"
  fi
done
exit $status
