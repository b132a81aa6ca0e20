# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Python environments that benchmarks compare with. Source it after common.sh; it does nothing by itself.

deps=${CLIPPATH_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/clippath}

# Makes $deps/NAME-<key> with the packages of a requirements file, and sets python_home to it. The environment is keyed by what it holds, so a
# changed pin makes a new one. With a version, LibTorch's Python package comes first: it has an index of its own.
make_python() {
  local name=$1 requirements=$2 torch_version=${3:-} log=$deps/log/$1.log pip
  python_home=$deps/$name-$( (echo "$torch_version"; cat "$requirements") | sha256sum | cut -c1-12)
  [[ -e $python_home/complete ]] && return
  print_step "installing the Python libraries"
  mkdir -p "$deps/log"
  : >"$log"
  rm -rf "$python_home"
  run_logged "$log" /usr/bin/python3 -m venv "$python_home"
  pip=("$python_home/bin/python" -m pip --no-input --disable-pip-version-check install)
  if [[ $torch_version ]] && ! "${pip[@]}" "torch==$torch_version" >>"$log" 2>&1; then
    run_logged "$log" "${pip[@]}" --timeout 15 --retries 1 \
      --extra-index-url "${TORCH_INDEX_URL:-https://download.pytorch.org/whl/cpu}" "torch==$torch_version"
  fi
  run_logged "$log" "${pip[@]}" -r "$requirements"
  touch "$python_home/complete"
  print_step "Python libraries installed"
}
