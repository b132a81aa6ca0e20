// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "clippath/core/check.h"

namespace clippath {

/// The numbers of a text between the token that begins every text and the one that ends it.
/// @param max_tokens  of all; 0: no limit. Not 1, for the two outer tokens must fit.
/// @param append_text  `append_text(enough, ids)` appends the text's own; those behind `enough` in
///                     all are cut off.
template <class AppendText>
std::vector<std::int64_t> encode_between(std::int64_t start, std::int64_t end,
                                         std::size_t max_tokens, const AppendText& append_text) {
  CLIPPATH_CHECK(max_tokens != 1);
  const std::size_t room =
      max_tokens == 0 ? std::numeric_limits<std::size_t>::max() : max_tokens - 1;
  std::vector<std::int64_t> ids = {start};
  append_text(room, ids);
  if (ids.size() > room) ids.resize(room);
  ids.push_back(end);
  return ids;
}

}  // namespace clippath
