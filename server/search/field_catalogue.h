// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/fields.h"
#include "clippath/generation.h"
#include "clippath/search.h"

namespace clippath {

/// Which fields there are, and what each slide, patch and report has in them: the built-in ones and
/// the user's own columns. Refers to the snapshot, which must outlive it. Immutable: share freely.
class FieldCatalogue {
 public:
  explicit FieldCatalogue(const Snapshot& snapshot);

  [[nodiscard]] bool has_patch_field(const std::string& name) const;
  [[nodiscard]] bool has_report_field(const std::string& name) const;

  /// False where all patches of a slide share the value, so that it needs to be looked at once a
  /// slide only.
  [[nodiscard]] bool varies_within_slide(const std::string& name) const {
    return patch_names_.contains(name);
  }

  [[nodiscard]] std::optional<FieldValue> of_slide(const SlideRecord& slide,
                                                   const std::string& name) const;
  /// The patch's own value, else its slide's.
  [[nodiscard]] std::optional<FieldValue> of_patch(std::int64_t row, const std::string& name) const;
  /// The report's own value, else that of the slide it names.
  [[nodiscard]] std::optional<FieldValue> of_report(std::int64_t row,
                                                    const std::string& name) const;

  /// Every patch field with type, values and counts, by name.
  [[nodiscard]] std::vector<FieldSummary> summaries() const;

 private:
  const Snapshot& snapshot_;
  std::set<std::string, std::less<>> slide_names_;
  std::set<std::string, std::less<>> patch_names_;
  std::set<std::string, std::less<>> report_names_;
};

}  // namespace clippath
