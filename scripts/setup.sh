#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what clippath needs to build (and, with --tests, to test) on Debian.
# Libraries that Debian lacks go into a private prefix that all clones share:
# $CLIPPATH_DEPS, by default clippath/ in the user's cache folder.
set -euo pipefail
shopt -s inherit_errexit
exec </dev/null

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"

deps=${CLIPPATH_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/clippath}
work=$deps/.tmp
logs=$deps/log
# shellcheck source=scripts/lib/debian.sh
. "$repository/scripts/lib/debian.sh"

torch_version=2.13.0
torch_index=${TORCH_INDEX_URL:-https://download.pytorch.org/whl/cpu}
torch_variant=cpu
[[ ${CLIPPATH_CUDA:-0} == 1 ]] && torch_variant=cuda
faiss_version=1.7.3
faiss_suite=bookworm
faiss_level=generic
[[ $(uname -m) == x86_64 ]] && faiss_level=avx2
openslide_version=4.0.1
httplib_minimum=0.41
# The suite of the two packages that must be newer than the system's.
newest_suite=${CLIPPATH_NEWEST_SUITE:-forky}
playwright_version=1.60.0
playwright_integrity=sha512-9bW6zvX/m0lEbgTKJ6YppOKx8H3VOPBMOCFh2irXFOT4BbHgrx5hPjwJYLT40Lu+4qtD36qKc/Hn56StUW57IA==

build_packages=(
  build-essential cmake ninja-build pkg-config dpkg-dev ca-certificates xz-utils python3 python3-venv
  librocksdb-dev libhdf5-dev libopencv-core-dev libopencv-imgproc-dev libopenblas-openmp-dev libturbojpeg0-dev libspng-dev
  nlohmann-json3-dev libcli11-dev libspdlog-dev libexpected-dev libroaring-dev libutf8proc-dev libssl-dev
  libxxhash-dev libjemalloc-dev libseccomp-dev
)
test_packages=(git libgtest-dev libgmock-dev libtiff-dev python3-h5py chromium clang-format clang-tidy)

print_usage() {
  cat <<END
usage: scripts/setup.sh [--tests]
  --tests   also what the tests need (GoogleTest, libtiff, h5py, git, chromium, node, clang tools)
environment:
  CLIPPATH_DEPS     private prefix [$deps]
  CLIPPATH_CUDA     1: LibTorch with CUDA; needs the CUDA toolkit [0]
  TORCH_INDEX_URL   tried where pip's own sources lack the CPU build [$torch_index]
END
}

# A part is done when its stamp, written last, names a folder that exists.
print_finished_folder() {
  local folder
  [[ -r $deps/$1.ok ]] || return 1
  read -r folder <"$deps/$1.ok"
  [[ -d $deps/$folder ]] && echo "$folder"
}

# Makes one part unless its stamp is there: the maker fills $work/$part, the folder's name follows from the result.
make_part() {
  local part=$1 description=$2 maker=$3 folder
  if print_finished_folder "$part" >/dev/null; then
    print_step "$description: present"
    return
  fi
  mkdir "$work/$part"
  : >"$logs/$part.log"
  print_step "$description: making"
  folder=$part
  (cd "$work/$part" && "$maker" "$work/$part" "$logs/$part.log")
  if [[ -r $work/$part/folder-name ]]; then
    read -r folder <"$work/$part/folder-name"
  fi
  rm -rf "${deps:?}/$folder"
  mv "$work/$part/result" "$deps/$folder"
  rm -rf "${work:?}/$part"
  echo "$folder" >"$work/$part.ok"
  mv "$work/$part.ok" "$deps/$part.ok"
  print_step "$description: done"
}

print_usable_python() {
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$python"
      return
    fi
  done
  fail "no python3 can make a virtual environment; install python3-venv"
}

check_cuda_toolkit() {
  [[ $torch_variant == cpu ]] && return
  command -v nvcc >/dev/null || [[ -x ${CUDA_HOME:-/usr/local/cuda}/bin/nvcc ]] ||
    fail "CLIPPATH_CUDA=1 needs the CUDA toolkit: LibTorch's CMake files look for nvcc. Install it and set CUDA_HOME, or leave CLIPPATH_CUDA unset"
}

# pip checks each file against the hash that its index states. Our own pin would not hold: the same version
# may come as a local wheel, from a mirror or from upstream, so the version is what is checked here.
make_torch() {
  local folder=$1 log=$2 python
  python=$(print_usable_python)
  run_logged "$log" "$python" -m venv "$folder/result"
  local venv_python=$folder/result/bin/python
  local pip=("$venv_python" -m pip --no-input --disable-pip-version-check install --no-compile)
  if [[ $torch_variant == cuda ]]; then
    # A CPU wheel at hand would otherwise win: its local version counts as the newer one.
    run_logged "$log" "${pip[@]}" "torch==$torch_version,!=$torch_version+cpu"
  elif ! "${pip[@]}" "torch==$torch_version+cpu" >>"$log" 2>&1; then
    "${pip[@]}" --timeout 15 --retries 1 --extra-index-url "$torch_index" "torch==$torch_version+cpu" >>"$log" 2>&1 ||
      fail "torch $torch_version+cpu is neither in pip's own sources nor at $torch_index (output: $log). Set TORCH_INDEX_URL to an index, or PIP_FIND_LINKS to a folder, that has the wheel"
  fi
  run_logged "$log" "$venv_python" -c "
import torch
assert torch.__version__.split('+')[0] == '$torch_version', torch.__version__
assert (torch.version.cuda is not None) == ('$torch_variant' == 'cuda'), torch.version.cuda
"
  # The environment moves once it is complete; its programs name the interpreter by path.
  grep -rlIF --null "$folder/result" "$folder/result/bin" "$folder/result/pyvenv.cfg" |
    xargs -0 -r sed -i "s|$folder/result|$deps/$(print_torch_part)|g"
}

print_torch_part() {
  echo "venv-torch-$torch_version-$torch_variant"
}

make_faiss() {
  local folder=$1 log=$2 target=faiss
  [[ $faiss_level == avx2 ]] && target=faiss_avx2
  open_suite "$faiss_suite" deb-src "$work/apt-$faiss_suite"
  run_logged "$log" run_private_apt "$work/apt-$faiss_suite" source --download-only faiss
  run_logged "$log" dpkg-source -x ./faiss_"$faiss_version"*.dsc source
  if [[ $target == faiss_avx2 ]]; then
    # Upstream installs only beside the generic library, which would be built for nothing. Its headers lack <cstdint>.
    sed -i -e '/^if(FAISS_OPT_LEVEL STREQUAL "avx2")/,/^endif()/d' -e 's/^install(TARGETS faiss$/install(TARGETS faiss_avx2/' \
      source/faiss/CMakeLists.txt
    echo 'target_compile_options(faiss_avx2 INTERFACE "SHELL:$<$<COMPILE_LANGUAGE:CXX>:-include cstdint>")' \
      >>source/faiss/CMakeLists.txt
  fi
  run_logged "$log" cmake -S source -B build -G Ninja -DFAISS_ENABLE_GPU=OFF -DFAISS_ENABLE_PYTHON=OFF \
    -DBUILD_TESTING=OFF -DBUILD_SHARED_LIBS=OFF -DFAISS_OPT_LEVEL="$faiss_level" -DCMAKE_BUILD_TYPE=Release \
    -DBLA_VENDOR=OpenBLAS -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_CXX_FLAGS="-include cstdint" \
    -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX="$folder/result"
  run_logged "$log" cmake --build build --target "$target"
  run_logged "$log" cmake --install build
}

# The library is the wheel's, which needs only libc; the headers are Debian's, unpacked and not installed.
make_openslide() {
  local folder=$1 log=$2 library archive
  open_suite "$newest_suite" "deb deb-src" "$work/apt-$newest_suite"
  run_logged "$log" run_private_apt "$work/apt-$newest_suite" download libopenslide-dev
  archive=$(print_only_file libopenslide-dev_*.deb)
  run_logged "$log" dpkg-deb -x "$archive" header
  run_logged "$log" "$deps/$(print_torch_part)/bin/python" -m pip \
    --no-input --disable-pip-version-check install --no-compile --no-deps --only-binary :all: \
    --require-hashes -r "$repository/scripts/requirements-openslide.txt" --target wheel
  library=$(print_only_file wheel/openslide_bin/libopenslide.so*)
  mkdir -p result/include result/lib
  cp -a header/usr/include/openslide result/include/
  cp "$library" result/lib/
  ln -s "$(basename "$library")" result/lib/libopenslide.so
  grep -q openslide_get_icc_profile_size result/include/openslide/openslide.h ||
    fail "the headers of Debian's $archive are older than OpenSlide $openslide_version; set CLIPPATH_NEWEST_SUITE to a suite that has them"
}

make_httplib() {
  local folder=$1 log=$2 version
  open_suite "$newest_suite" "deb deb-src" "$work/apt-$newest_suite"
  run_logged "$log" run_private_apt "$work/apt-$newest_suite" source --download-only cpp-httplib
  run_logged "$log" dpkg-source -x ./cpp-httplib_*.dsc source
  version=$(sed -n 's/^#define CPPHTTPLIB_VERSION "\(.*\)"$/\1/p' source/httplib.h)
  dpkg --compare-versions "$version" ge "$httplib_minimum" ||
    fail "$newest_suite has cpp-httplib '$version', at least $httplib_minimum is needed; set CLIPPATH_NEWEST_SUITE to a newer suite"
  mkdir -p result/include
  cp source/httplib.h result/include/
  echo "httplib-$version" >folder-name
}

make_playwright() {
  local folder=$1 log=$2 archive
  run_logged "$log" npm pack "playwright-core@$playwright_version"
  archive=$(print_only_file playwright-core-*.tgz)
  [[ sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w 0) == "$playwright_integrity" ]] ||
    fail "$archive is not the file that scripts/setup.sh expects (SHA-512 differs)"
  mkdir result
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 run_logged "$log" npm install --no-audit --no-fund --prefix result "./$archive"
}

print_only_file() {
  [[ $# -eq 1 && -e $1 ]] || fail "expected exactly one file, found: $*"
  echo "$1"
}

# Two lanes: FAISS compiles while LibTorch downloads.
make_parts() {
  make_part "httplib-$httplib_minimum" "cpp-httplib >= $httplib_minimum (header)" make_httplib
  make_part "faiss-$faiss_version-$faiss_level" "faiss $faiss_version ($faiss_level)" make_faiss &
  local faiss_lane=$!
  make_part "$(print_torch_part)" "LibTorch $torch_version ($torch_variant)" make_torch &
  local torch_lane=$!
  local failed=0
  wait "$torch_lane" || failed=1
  if ((failed == 0)); then
    make_part "openslide-$openslide_version" "OpenSlide $openslide_version" make_openslide &
    wait "$!" || failed=1
  fi
  wait "$faiss_lane" || failed=1
  ((failed == 0)) || fail "not all parts are there; see above"
  if ((with_tests)); then
    make_part "playwright-core-$playwright_version" "playwright-core $playwright_version" make_playwright
  fi
}

print_cmake_settings() {
  local torch openblas playwright
  torch=$(print_only_file "$deps/$(print_torch_part)"/lib/python3*/site-packages/torch)
  echo "# Written by scripts/setup.sh."
  print_cmake_path CLIPPATH_TORCH_PREFIX "$torch/share/cmake" "LibTorch's CMake files"
  print_cmake_path CLIPPATH_TORCH_LIB "$torch/lib" "LibTorch's libraries"
  print_cmake_path CLIPPATH_FAISS_PREFIX "$deps/faiss-$faiss_version-$faiss_level" "FAISS"
  print_cmake_path CLIPPATH_OPENSLIDE_PREFIX "$deps/openslide-$openslide_version" "OpenSlide"
  print_cmake_path CLIPPATH_HTTPLIB_INCLUDE "$deps/$(print_finished_folder "httplib-$httplib_minimum")/include" "cpp-httplib's header"
  openblas=/usr/lib/$(dpkg-architecture -q DEB_HOST_MULTIARCH)/openblas-openmp/libopenblas.so
  [[ -e $openblas ]] && print_cmake_path CLIPPATH_OPENBLAS_LIBRARY "$openblas" "OpenBLAS, the OpenMP build"
  if playwright=$(print_finished_folder "playwright-core-$playwright_version"); then
    print_cmake_path CLIPPATH_PLAYWRIGHT "$deps/$playwright/node_modules" "playwright-core, for the page test"
  fi
}

print_cmake_path() {
  printf 'set(%s "%s" CACHE PATH "%s" FORCE)\n' "$@"
}

# The file keeps its time unless it changes, so that CMake does not run again for nothing.
write_cmake_settings() {
  local settings
  settings=$(print_cmake_settings)
  mkdir -p "$repository/build"
  if [[ ! -e $repository/build/deps.cmake || $(<"$repository/build/deps.cmake") != "$settings" ]]; then
    printf '%s\n' "$settings" >"$repository/build/deps.cmake"
  fi
}

main() {
  with_tests=0
  case ${1:-} in
    "") ;;
    --tests) with_tests=1 ;;
    -h | --help)
      print_usage
      return
      ;;
    *)
      print_usage >&2
      exit 2
      ;;
  esac
  check_cuda_toolkit
  mkdir -p "$work" "$logs"
  # Another clone may be filling the same prefix.
  exec 9>"$deps/.lock"
  if ! flock -n 9; then
    print_step "waiting for another scripts/setup.sh on $deps"
    flock 9
  fi
  # What an interrupted run left is not trusted; parts that it finished are outside.
  rm -rf "$work"
  mkdir "$work"
  local packages=("${build_packages[@]}")
  if ((with_tests)); then
    packages+=("${test_packages[@]}")
    command -v node >/dev/null || packages+=(nodejs)
    command -v npm >/dev/null || packages+=(npm)
  fi
  install_packages "${packages[@]}"
  make_parts
  rm -rf "$work"
  write_cmake_settings
  print_step "set-up complete"
}

main "$@"
