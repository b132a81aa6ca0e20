#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times `clippath bench stain` against StainTools (Vahadane) and torchstain (Macenko) on the same pictures, one core each.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

if (($#)); then
  echo "usage: scripts/bench/stain_vs_python.sh   (build first with scripts/demo.sh or scripts/test.sh)" >&2
  exit 2
fi
bench=$repository/scripts/bench
make_python bench-stain "$bench/stain_requirements.txt"

inputs=$repository/tests/golden/stain/inputs
pictures=("$inputs"/tile{0,1,2,3,4,6}.png)
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
ours=$(taskset -c 0 "$repository/build/release/clippath" bench stain "${pictures[@]}" --target "$inputs/target.png" --json)
theirs=$(taskset -c 0 "$python_home/bin/python" "$bench/stain_vs_python.py" "$inputs/target.png" "${pictures[@]}")
python3 - "$ours" "$theirs" <<'END'
import json
import sys

ours = {one["method"]: one for one in json.loads(sys.argv[1])["methods"]}
theirs = json.loads(sys.argv[2])
for method, name, bar in (("vahadane", "StainTools", 100), ("macenko", "torchstain", 10)):
    own, other = ours[method]["ms_per_picture"], 1000 * theirs[method]
    print(f"{method}: clippath {own:.2f} ms (fit {ours[method]['fit_ms']:.2f}, apply {ours[method]['apply_ms']:.2f}),"
          f" {name} {other:.1f} ms, ratio {other / own:.1f}, at least {bar} wanted")
END
