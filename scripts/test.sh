#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything and runs all checks and tests.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/build.sh
. "$repository/scripts/lib/build.sh"

if (($#)); then
  echo "usage: scripts/test.sh   (single tests: ctest --preset release -R NAME)" >&2
  [[ $1 == -h || $1 == --help ]] && exit 0
  exit 2
fi

failed=()

"$repository/scripts/setup.sh" --tests
print_step "set-up done"
configure_release ON
build_release
"$repository/scripts/check.sh" || failed+=("checks")
print_step "checks run"

cd "$repository"
ctest --preset release -j "$(nproc)" --output-junit "$repository/build/tests.xml" || failed+=("tests")
print_step "tests run"
python3 "$repository/scripts/lib/print_test_counts.py" "$repository/build/tests.xml" || failed+=("test counts")

if ((${#failed[@]})); then
  fail "failed: ${failed[*]}"
fi
print_step "all checks and tests passed"
