// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "clippath/tokenizer.h"

namespace clippath::fuzz {

/// Aborts unless a tokenizer keeps its contract on this text: every number lies within the
/// vocabulary, a limit cuts the text and nothing else, and windows cover it without a gap.
/// @param limit  at least 2.
void check_tokens(const Tokenizer& tokenizer, std::string_view text, std::size_t limit);

}  // namespace clippath::fuzz
