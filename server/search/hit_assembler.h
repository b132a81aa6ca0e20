// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "clippath/search.h"
#include "server/search/query_vectors.h"

namespace clippath {

/// Turns rows into what a person sees: a place on a slide, its diagnosis, its report. Refers to the
/// snapshot, which must outlive it. Immutable: share freely.
class HitAssembler {
 public:
  /// @param encoder  null where there is none; its card names the slides that it was trained on.
  HitAssembler(const Snapshot& snapshot, const Encoder* encoder);

  [[nodiscard]] Hit patch_hit(const RowHit& hit, const QueryOrigin& origin) const;
  /// A slide, found by its best patch.
  [[nodiscard]] Hit slide_hit(const RowHit& best_patch, const QueryOrigin& origin) const;
  [[nodiscard]] Hit report_hit(const RowHit& hit, const QueryOrigin& origin) const;

  [[nodiscard]] const ReportRecord* report_of(const SlideRecord& slide) const;
  [[nodiscard]] bool in_training(const SlideRecord& slide) const;

 private:
  void describe_slide(const SlideRecord& slide, Hit& hit) const;

  const Snapshot& snapshot_;
  std::set<std::string> training_slides_;
  std::map<std::string, std::int64_t> report_of_slide_;  ///< slide id -> report row
  std::map<std::string, std::int64_t> report_of_case_;   ///< case id -> report row
};

}  // namespace clippath
