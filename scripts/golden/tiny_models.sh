#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes tiny random models in the layouts of others, with their outputs: tests/golden/models/{dinov2,dinov2-plain,timm,uni,biomedclip,dual-clip,conch}-tiny,
# and numbers of texts by a byte-level BPE.
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$repository/scripts/lib/common.sh"
# shellcheck source=scripts/lib/bench_python.sh
. "$repository/scripts/lib/bench_python.sh"

golden=$repository/scripts/golden
make_python golden-python "$golden/requirements.txt"
"$python_home/bin/python" "$golden/tiny_models.py" "$repository/tests/golden/models"
"$python_home/bin/python" "$golden/tiny_conch.py" "$repository/tests/golden"
