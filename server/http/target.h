// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

inline constexpr std::size_t kMaxPathBytes = 256;
inline constexpr std::size_t kMaxTargetBytes = 8192;

/// A request's path and query, split before they are decoded, so that an encoded slash or ampersand
/// separates nothing.
struct Target {
  std::vector<std::string> segments;  ///< of the path, decoded; empty for "/"
  std::vector<std::pair<std::string, std::string>> parameters;  ///< in their order, no name twice

  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

/// Fails: kInvalidArgument unless it is an absolute path of UTF-8 without control bytes, empty or
/// `..` segments and wrong percent codes, and every parameter is `name=value` and stands there
/// once.
Result<Target> parse_target(std::string_view target);

/// Well-formed UTF-8 without control bytes (0..31, 127).
bool is_clean_text(std::string_view text);

}  // namespace clippath
