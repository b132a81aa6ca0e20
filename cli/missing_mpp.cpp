// SPDX-License-Identifier: Apache-2.0
#include "cli/missing_mpp.h"

#include <charconv>
#include <string_view>

namespace clippath::cli {

Result<MissingMpp> parse_missing_mpp(const std::string& text) {
  constexpr std::string_view kDefault = "default=";
  if (text == "error") return MissingMpp{MissingMpp::Policy::kError, {}};
  if (text == "skip") return MissingMpp{MissingMpp::Policy::kSkip, {}};
  if (text.starts_with(kDefault)) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + kDefault.size(), end, value);
    if (error == std::errc() && stop == end && value >= 0.05 && value <= 20) {
      return MissingMpp{MissingMpp::Policy::kDefault, {value}};
    }
  }
  return fail(
      Error{ErrorKind::kInvalidArgument,
            "--missing-mpp: must be error, skip or default=V with V in 0.05..20, is '" + text + "'",
            "missing_mpp", "0.05..20"});
}

}  // namespace clippath::cli
