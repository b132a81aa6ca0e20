// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/tissue.h"

namespace clippath {

/// Which faults of a picture drop a tile.
struct QualityRules {
  bool blank = false;
  bool black = false;
  bool pen = false;
  bool blur = false;
  friend bool operator==(const QualityRules&, const QualityRules&) = default;
};

inline constexpr QualityRules kAllQualityRules{true, true, true, true};

/// `none`, or the rules in the order of judgement: `blank,black,pen,blur`.
std::string to_string(QualityRules rules);

/// `all`, `none`, or a list of rules with commas. Fails: kInvalidArgument, naming the rules.
Result<QualityRules> parse_quality_rules(std::string_view text);

/// The first fault of a patch picture (at most 299 px a side), in the order of kDropReasons:
/// - kBlank: gray has a standard deviation below 4;
/// - kBlack: a tenth of the pixels has no channel above 40: beyond the scanned area, or in shadow;
/// - kPenRed, kPenGreen: 2.5 % of the pixels have the colour of that ink;
/// - kBlur: the picture changes over 1 px as a picture behind a Gaussian of 3 px does
///   (indexer/tissue/quality_measures.h: sharpness() < 0.04). A field below 128 um is smooth by
///   itself: not for such fields.
/// The bars that these thresholds meet are measured by scripts/bench/tissue_quality.sh, and kept on
/// the demo's patches by tests/unit/indexer/quality_golden_test.cpp.
std::optional<DropReason> find_fault(const RgbImage& picture, QualityRules rules);

}  // namespace clippath
