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
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

bench=$repository/scripts/bench
more_slides=${CLIPPATH_BENCH_SLIDES:-}
repeats=3
cases=a,b,c
dtype=auto

print_usage() {
  cat <<END
usage: scripts/bench/index_vs_python.sh [--slides FOLDER] [--repeats N] [--cases a,b,c] [--dtype TYPE]
  --slides FOLDER   where breast-ilc-HE-40x-crop.svs lies, which is too large to be bundled [\$CLIPPATH_BENCH_SLIDES]
  --repeats N       runs of each side, in turns [$repeats]
  --cases LETTERS   a: as a user runs it; b: equal work; c: with Vahadane [$cases]
  --dtype TYPE      of (b): fp32, bf16, or auto: bf16 where the processor multiplies it [$dtype]
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
    --cases)
      cases=${2:?--cases needs letters}
      shift
      ;;
    --dtype)
      dtype=${2:?--dtype needs fp32, bf16 or auto}
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
make_python bench-python "$bench/requirements.txt" 2.13.0+cpu
make_model

slides=("$repository/demo/slides/lung-scc-HE1-20x.svs")
if [[ -n $more_slides && -e $more_slides/breast-ilc-HE-40x-crop.svs ]]; then
  slides+=("$more_slides/breast-ilc-HE-40x-crop.svs")
else
  print_step "breast-ilc-HE-40x-crop.svs is left out: it is not bundled; name its folder with --slides"
fi

python3 "$bench/index_vs_python.py" --program "$program" --python "$python_home/bin/python" \
  --demo-model "$repository/demo/model/atlas-clippath-small" --vit-b32 "$vit" --repeats "$repeats" --cases "$cases" \
  --dtype "$dtype" "${slides[@]}"
