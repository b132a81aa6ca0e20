# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian packages: those that the system gets, and those of another suite that are only unpacked.
# Needs common.sh and $logs, a folder.
: "${logs:?}"

print_missing_packages() {
  local package status
  declare -A installed=()
  while read -r status package; do
    [[ $status == installed ]] && installed[$package]=1
  done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [[ ${installed[$package]:-} ]] || echo "$package"
  done
}

install_packages() {
  local missing
  mapfile -t missing < <(print_missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    print_step "apt packages ($#): present"
    return
  fi
  print_step "apt packages: installing ${missing[*]}"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600)
  # The lists may be new enough; if they are missing or stale, this fails at once.
  if ! run_as_root "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$logs/apt.log" 2>&1; then
    run_logged "$logs/apt.log" run_as_root "${apt[@]}" update
    run_logged "$logs/apt.log" run_as_root "${apt[@]}" install --no-install-recommends "${missing[@]}"
  fi
  print_step "apt packages: installed"
}

# The mirror that this system uses, whatever the format of its sources.
print_debian_mirror() {
  local codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
  # shellcheck disable=SC2016 # the placeholders are apt's
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
    awk -v codename="$codename" '
      $2 == "main" && ($1 == codename || $1 ~ /^(old)?stable$/ || $1 ~ /^(testing|sid|unstable)$/) { print $3; exit }'
}

# apt with lists of its own: signatures are checked as always, the system's sources stay as they are.
run_private_apt() {
  local folder=$1
  shift
  apt-get -q -y -o Dir::Etc::sourcelist="$folder/debian.sources" -o Dir::Etc::sourceparts=- \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=- \
    -o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache" \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

# Makes the private apt folder of a suite and types ("deb", "deb-src" or both).
open_suite() {
  local suite=$1 types=$2 folder=$3 mirror
  [[ -e $folder/updated ]] && return
  mirror=$(print_debian_mirror)
  [[ $mirror ]] || fail "no Debian mirror found in this system's apt sources; add Debian's main component to /etc/apt/sources.list.d and run this again"
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  cat >"$folder/debian.sources" <<END
Types: $types
URIs: $mirror
Suites: $suite
Components: main
Architectures: $(dpkg --print-architecture)
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  run_logged "$logs/apt-$suite.log" run_private_apt "$folder" -o APT::Update::Error-Mode=any update
  touch "$folder/updated"
}
