#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, indexes the bundled slides, patches and reports, and serves the web page.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/build.sh
. "$repository/scripts/lib/build.sh"

data=$repository/build/demo-data
server_log=$repository/build/demo-server.log
server=
stop_asked=0

print_usage() {
  cat <<END
usage: scripts/demo.sh [--check] [--port N]
  --port N   serve on 127.0.0.1:N [8080]
  --check    serve on a free port, ask by text, by patch and by report, print the hits and stop;
             exit 1 if an answer is empty or wrong
Ctrl-C stops the server. What was indexed stays in build/demo-data.
END
}

# What an earlier checkout indexed with another model is of no use: it can be made again in seconds.
drop_outdated_data() {
  local identity
  [[ -e $data/clippath.json ]] || return 0
  identity=$("$program" model info "$repository/demo/model/atlas-clippath-small" --json | grep -o '"identity": "[0-9a-f]*"' | cut -d'"' -f4)
  grep -q "$identity" "$data/clippath.json" && return 0
  print_step "demo data of an earlier version dropped"
  rm -rf "$data"
}

index_demo() {
  local demo=$repository/demo
  drop_outdated_data
  "$program" index "$demo/slides/manifest.csv" --data "$data" --model "$demo/model/atlas-clippath-small" --overlap 0.5
  print_step "slides indexed"
  "$program" index --patches "$demo/patches/patches.csv" --slides "$demo/patches/slides.csv" --data "$data" |
    tail -n 1 # the table has a row for each of 87 slides
  print_step "patch table indexed"
  "$program" reports import "$demo/reports/reports.csv" --data "$data"
  print_step "reports imported"
}

# Starts the server in the background and waits until it says where it listens.
start_server() {
  local listen=$1 deadline=$((SECONDS + 60))
  : >"$server_log"
  "$program" serve --data "$data" --listen "$listen" >"$server_log" 2>&1 &
  server=$!
  until address=$(grep -om1 'http://127\.0\.0\.1:[0-9]*' "$server_log"); do
    if ! kill -0 "$server" 2>/dev/null; then
      cat "$server_log" >&2
      fail "the server did not start"
    fi
    ((SECONDS < deadline)) || fail "the server is not ready after 60 s; its output is in $server_log"
    sleep 0.05
  done
}

stop_server() {
  stop_asked=1
  if [[ $server ]]; then
    kill -TERM "$server" 2>/dev/null || true
  fi
}

# A signal ends `wait` early, so wait again until the server itself has gone.
wait_for_server() {
  local status=0
  while kill -0 "$server" 2>/dev/null; do
    wait "$server" && status=0 || status=$?
  done
  server=
  if ((stop_asked == 0)); then
    tail -n 20 "$server_log" >&2
    fail "the server ended by itself (exit code $status)"
  fi
}

main() {
  local check=0 port=8080
  while (($#)); do
    case $1 in
      --check) check=1 ;;
      --port)
        [[ ${2:-} =~ ^[0-9]{1,5}$ ]] || fail "--port needs a number from 1 to 65535"
        port=$2
        shift
        ;;
      -h | --help)
        print_usage
        return
        ;;
      *)
        print_usage >&2
        exit 2
        ;;
    esac
    shift
  done

  "$repository/scripts/setup.sh"
  print_step "set-up done"
  configure_release OFF
  build_release clippath
  index_demo

  trap stop_server EXIT
  if ((check)); then
    start_server 127.0.0.1:0
    print_step "serving on $address"
    python3 "$repository/scripts/demo_check.py" "$address" "$repository/demo"
    stop_server
    wait_for_server
    print_step "demo checked"
  else
    trap stop_server INT TERM
    start_server "127.0.0.1:$port"
    print_step "open $address in a browser; Ctrl-C stops (demo model, not for diagnosis)"
    wait_for_server
    print_step "stopped"
  fi
}

main "$@"
