#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times `clippath index` against the pipeline that a Python user would write. Exit 1 if it is not faster by the bars or keeps other tiles.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/build.sh
. "$repository/scripts/lib/build.sh"

deps=${CLIPPATH_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/clippath}
bench=$repository/scripts/bench
torch_version=2.13.0+cpu
torch_index=${TORCH_INDEX_URL:-https://download.pytorch.org/whl/cpu}
more_slides=${CLIPPATH_BENCH_SLIDES:-}
repeats=3

print_usage() {
  cat <<END
usage: scripts/bench/index_vs_python.sh [--slides FOLDER] [--repeats N]
  --slides FOLDER   where breast-ilc-HE-40x-crop.svs lies, which is too large to be bundled [\$CLIPPATH_BENCH_SLIDES]
  --repeats N       runs of each side, in turns [$repeats]
The first run installs the Python libraries into \$CLIPPATH_DEPS (about 1.5 GB).
END
}

while (($#)); do
  case $1 in
    --slides)
      more_slides=${2:?--slides needs a folder}
      shift
      ;;
    --repeats)
      repeats=${2:?--repeats needs a number}
      shift
      ;;
    -h | --help)
      print_usage
      exit
      ;;
    *)
      print_usage >&2
      exit 2
      ;;
  esac
  shift
done

# The environment is keyed by what it holds, so a changed pin makes a new one.
make_python() {
  local log=$deps/log/bench-python.log pip
  python_home=$deps/bench-python-$( (echo "$torch_version"; cat "$bench/requirements.txt") | sha256sum | cut -c1-12)
  [[ -e $python_home/complete ]] && return
  print_step "installing the Python libraries"
  mkdir -p "$deps/log"
  : >"$log"
  rm -rf "$python_home"
  run_logged "$log" /usr/bin/python3 -m venv "$python_home"
  pip=("$python_home/bin/python" -m pip --no-input --disable-pip-version-check install)
  if ! "${pip[@]}" "torch==$torch_version" >>"$log" 2>&1; then
    run_logged "$log" "${pip[@]}" --timeout 15 --retries 1 --extra-index-url "$torch_index" "torch==$torch_version"
  fi
  run_logged "$log" "${pip[@]}" -r "$bench/requirements.txt"
  touch "$python_home/complete"
  print_step "Python libraries installed"
}

make_model() {
  vit=$deps/bench-vit-b32-1
  [[ -e $vit.ok ]] && return
  rm -rf "$vit"
  mkdir -p "$vit"
  run_logged "$deps/log/bench-python.log" "$python_home/bin/python" "$bench/make_vit_b32.py" \
    "$repository/demo/model/atlas-clippath-small/vocab.txt" "$vit"
  touch "$vit.ok"
  print_step "random ViT-B/32 written"
}

"$repository/scripts/setup.sh"
configure_release OFF
build_release clippath
make_python
make_model

slides=("$repository/demo/slides/lung-scc-HE1-20x.svs")
if [[ -n $more_slides && -e $more_slides/breast-ilc-HE-40x-crop.svs ]]; then
  slides+=("$more_slides/breast-ilc-HE-40x-crop.svs")
else
  print_step "breast-ilc-HE-40x-crop.svs is left out: it is not bundled; name its folder with --slides"
fi

python3 "$bench/index_vs_python.py" --program "$program" --python "$python_home/bin/python" \
  --demo-model "$repository/demo/model/atlas-clippath-small" --vit-b32 "$vit" --repeats "$repeats" "${slides[@]}"
