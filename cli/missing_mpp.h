// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clippath/core/result.h"
#include "clippath/manifest.h"

namespace clippath::cli {

/// The value of `--missing-mpp`: `error`, `skip` or `default=V`, V in 0.05..20 micrometres.
/// Fails: kInvalidArgument.
Result<MissingMpp> parse_missing_mpp(const std::string& text);

}  // namespace clippath::cli
