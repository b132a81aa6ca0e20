// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace clippath {

/// Strict base64 (RFC 4648, section 4): standard alphabet, padded, no line breaks, unused bits
/// zero, so that one byte string has one spelling. Empty when it is anything else.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace clippath
