# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The one build that demo.sh, test.sh and check.sh share. Source it after common.sh; it expects $repository.

# shellcheck disable=SC2034,SC2154 # used, and set, by the scripts that source this
program=$repository/build/release/clippath

# Configures the release preset. An existing build folder is only told what differs, and CMake itself sees changed files.
configure_release() {
  local with_tests=$1 log=$repository/build/configure.log
  local cache=$repository/build/release/CMakeCache.txt
  if [[ -e $cache ]] && { [[ $with_tests == OFF ]] || grep -q '^CLIPPATH_TESTS:BOOL=ON$' "$cache"; }; then
    return
  fi
  if [[ -z ${CMAKE_CXX_COMPILER_LAUNCHER:-} ]] && command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  mkdir -p "$repository/build"
  : >"$log"
  (cd "$repository" && run_logged "$log" cmake --preset release -DCLIPPATH_TESTS="$with_tests")
  print_step "configured (preset release)"
}

# shellcheck disable=SC2120 # no argument: everything
# Builds the targets named, or all. Each job of the compiler needs up to 1 GB, so memory may allow fewer jobs than there are cores.
build_release() {
  local log=$repository/build/build.log cores memory_gb jobs
  cores=$(nproc)
  memory_gb=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  jobs=$((memory_gb < cores + 1 ? memory_gb : cores + 1))
  : >"$log"
  if [[ -t 2 ]]; then
    cmake --build "$repository/build/release" -j $((jobs > 0 ? jobs : 1)) ${1:+--target "$@"} >&2
  else
    run_logged "$log" cmake --build "$repository/build/release" -j $((jobs > 0 ? jobs : 1)) ${1:+--target "$@"}
  fi
  print_step "built ${*:-everything}"
}
