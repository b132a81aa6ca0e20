// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/search.h"

namespace clippath {

/// The engines of a data folder, one for each of its encoders. Immutable: share freely.
class QueryEngines {
 public:
  struct Member {
    EncoderEntry encoder;  ///< empty in a folder that has none
    std::shared_ptr<const QueryEngine> engine;
  };

  /// @param members  at least one; the first is the default, which knows every slide.
  explicit QueryEngines(std::vector<Member> members);

  [[nodiscard]] const QueryEngine& first() const { return *members_.front().engine; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }

  /// The engine of an encoder, by its id or its name; the first where `encoder` is empty.
  /// Fails: as choose_encoder.
  [[nodiscard]] Result<const QueryEngine*> find(std::string_view encoder) const;

 private:
  std::vector<Member> members_;
};

}  // namespace clippath
