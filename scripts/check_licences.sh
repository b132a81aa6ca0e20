#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares what a program loads with scripts/allowed_packages.txt. Unknown packages fail, and so does the GPL without an exception.
set -euo pipefail
shopt -s inherit_errexit

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$scripts")
program=${1:-$repository/build/release/clippath}
allowed=$scripts/allowed_packages.txt
settings=$repository/build/deps.cmake

if [[ ! -x $program ]]; then
  echo "usage: check_licences.sh [PROGRAM]; there is no program $program" >&2
  exit 2
fi

# The folders of the private prefix, as scripts/setup.sh wrote them down.
mapfile -t private_folders < <(sed -n 's/^set(CLIPPATH_\(TORCH_LIB\|OPENSLIDE_PREFIX\) "\([^"]*\)".*/\2/p' "$settings" 2>/dev/null | xargs -r realpath)

# The owner of a file: its Debian package, or private/NAME.
print_owner() {
  local name=$1 file=$2 folder package
  for folder in "${private_folders[@]}"; do
    if [[ $file == "$folder"/* ]]; then
      echo "private/$name"
      return
    fi
  done
  # dpkg knows some files by the path they had before /lib became /usr/lib.
  package=$(dpkg -S "$file" 2>/dev/null || dpkg -S "${file#/usr}" 2>/dev/null || true)
  package=${package%%:*}
  echo "${package:-unknown}"
}

print_licence() {
  local owner=$1 pattern licence
  while IFS=$'\t' read -r pattern licence; do
    # shellcheck disable=SC2053 # a pattern on purpose
    if [[ $pattern != \#* && $owner == $pattern ]]; then
      echo "$licence"
      return
    fi
  done <"$allowed"
}

wrong=0
total=0
while read -r name arrow file _; do
  [[ $arrow == "=>" ]] || continue # the loader itself and the kernel's page
  if [[ $file == not ]]; then
    echo "$name is not found by the loader"
    wrong=$((wrong + 1))
    continue
  fi
  total=$((total + 1))
  owner=$(print_owner "$name" "$(realpath "$file")")
  licence=$(print_licence "$owner")
  if [[ ! $licence ]]; then
    echo "$name ($file) belongs to '$owner', which scripts/allowed_packages.txt does not list"
    wrong=$((wrong + 1))
  elif [[ $licence =~ (^|[^L])A?GPL && $licence != *exception* ]]; then
    echo "$name ($file) of $owner is $licence: not to be linked"
    wrong=$((wrong + 1))
  fi
done < <(ldd "$program")

((total > 0)) || echo "$program loads nothing: is it the dynamically linked program?"
echo "licences: $total shared objects, $wrong refused"
((wrong == 0 && total > 0))
