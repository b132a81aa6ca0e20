# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Output, errors and root rights, shared by the scripts. Source it; it does nothing by itself.

# EPOCHREALTIME has the locale's decimal mark; the arithmetic below needs one without surprises.
export LC_ALL=C
script_start=${EPOCHREALTIME/./}

print_step() {
  local tenths=$(((${EPOCHREALTIME/./} - script_start) / 100000))
  printf '[%5d.%d s] %s\n' $((tenths / 10)) $((tenths % 10)) "$*" >&2
}

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command with its output in a log file, which is shown only where the command fails.
run_logged() {
  local log=$1
  shift
  if ! "$@" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    fail "'$1' failed; the whole output is in $log. Run scripts/setup.sh again once the cause is gone: finished parts are kept."
  fi
}

run_as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "this needs root and there is no sudo. As root, run: $*"
  fi
}
