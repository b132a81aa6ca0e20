// SPDX-License-Identifier: Apache-2.0
#include "clippath/query_engines.h"

#include <algorithm>
#include <utility>

#include "clippath/core/check.h"

namespace clippath {

QueryEngines::QueryEngines(std::vector<Member> members) : members_(std::move(members)) {
  CLIPPATH_CHECK(!members_.empty());
}

Result<const QueryEngine*> QueryEngines::find(std::string_view encoder) const {
  if (encoder.empty()) return &first();
  std::vector<EncoderEntry> known;
  for (const Member& member : members_) known.push_back(member.encoder);
  CLIPPATH_TRY(const EncoderEntry chosen, choose_encoder(known, encoder));
  const auto found = std::ranges::find_if(
      members_, [&chosen](const Member& member) { return member.encoder.id == chosen.id; });
  return found->engine.get();
}

}  // namespace clippath
