#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All gates. Without an option: those that read files, and the licences of what build/release/clippath loads.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/build.sh
. "$repository/scripts/lib/build.sh"
cd "$repository"
mkdir -p build

print_usage() {
  cat <<END
usage: scripts/check.sh [--all | --tidy | GATE...]
  --all    every gate, then builds and runs all tests
  --tidy   clang-tidy on the sources that need no LibTorch (minutes; configures the preset core)
  GATE     of: format style layers shell licences
Exit 1 if a gate fails; 77 if the only gate asked for cannot run here.
END
}

print_own_sources() {
  find include core indexer encoder store server worker cli tests -name '*.cpp' -o -name '*.h' | grep -v '^tests/golden/' | sort
}

# Other versions format differently, so only this one counts.
print_clang_format() {
  local candidate
  for candidate in clang-format-14 clang-format; do
    if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q 'version 14\.'; then
      echo "$candidate"
      return
    fi
  done
  return 77
}

check_format() {
  local formatter
  formatter=$(print_clang_format) || {
    echo "clang-format 14 is not here"
    return 77
  }
  if ! print_own_sources | xargs -r "$formatter" --dry-run -Werror >build/format.log 2>&1; then
    echo "differing places per file ($formatter -i FILE mends it):"
    grep ': error:' build/format.log | cut -d: -f1 | sort | uniq -c
    return 1
  fi
}

check_style() { python3 scripts/check_style.py; }

check_layers() { python3 scripts/check_layers.py; }

check_shell() {
  local script scripts
  mapfile -t scripts < <(find scripts .ci -name '*.sh' -o -path .ci/run)
  for script in "${scripts[@]}"; do
    bash -n "$script" || return 1
  done
  if command -v shellcheck >/dev/null; then
    shellcheck -x "${scripts[@]}"
  fi
}

check_licences() {
  if [[ ! -x $program || ! -x $program-worker ]]; then
    echo "build/release/clippath is not built"
    return 77
  fi
  scripts/check_licences.sh "$program" && scripts/check_licences.sh "$program-worker"
}

run_tidy() {
  local sources
  configure_log=build/configure-core.log
  run_logged "$configure_log" cmake --preset core
  mapfile -t sources < <(print_own_sources | grep -E '\.cpp$' | grep -vE '^(cli|encoder/models|encoder/runtime|tests)/')
  printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy -p build/core --quiet
}

gates=(format style layers shell licences)
with_tests=0
case ${1:-} in
  "") ;;
  -h | --help)
    print_usage
    exit
    ;;
  --all) with_tests=1 ;;
  --tidy)
    run_tidy
    exit
    ;;
  -*)
    print_usage >&2
    exit 2
    ;;
  *) gates=("$@") ;;
esac

if ((with_tests)); then
  configure_release ON
  build_release
fi

failed=0
skipped=0
for gate in "${gates[@]}"; do
  declare -F "check_$gate" >/dev/null || fail "no gate '$gate'; there are: format style layers shell licences"
  status=0
  output=$("check_$gate" 2>&1) || status=$?
  case $status in
    0) print_step "$gate: ok" ;;
    77)
      print_step "$gate: skipped ($output)"
      skipped=$((skipped + 1))
      ;;
    *)
      printf '%s\n' "$output" >&2
      print_step "$gate: FAILED"
      failed=$((failed + 1))
      ;;
  esac
done

if ((with_tests)); then
  ctest --preset release -j "$(nproc)" || failed=$((failed + 1))
fi
((failed == 0)) || exit 1
((skipped < ${#gates[@]})) || exit 77
