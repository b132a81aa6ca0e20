// SPDX-License-Identifier: Apache-2.0
#include "clippath/quality.h"

#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

constexpr double kLeastContrast = 4;
constexpr double kMostBlack = 0.1;
constexpr double kMostInk = 0.025;
constexpr double kLeastSharpness = 0.04;

struct NamedRule {
  std::string_view name;
  bool QualityRules::*flag;
};
constexpr NamedRule kRules[] = {{"blank", &QualityRules::blank},
                                {"black", &QualityRules::black},
                                {"pen", &QualityRules::pen},
                                {"blur", &QualityRules::blur}};

Error unknown_rule(std::string_view word) {
  return Error{ErrorKind::kInvalidArgument,
               "quality: must be all, none, or a list of blank, black, pen, blur; holds '" +
                   std::string(word) + "'",
               "quality", "all|none|blank,black,pen,blur"};
}

}  // namespace

std::string to_string(QualityRules rules) {
  std::string text;
  for (const NamedRule& rule : kRules) {
    if (!(rules.*rule.flag)) continue;
    if (!text.empty()) text += ",";
    text += rule.name;
  }
  return text.empty() ? "none" : text;
}

Result<QualityRules> parse_quality_rules(std::string_view text) {
  if (text == "all") return kAllQualityRules;
  QualityRules rules;
  if (text == "none") return rules;
  while (true) {
    const std::string_view word = text.substr(0, text.find(','));
    bool known = false;
    for (const NamedRule& rule : kRules) {
      if (word != rule.name) continue;
      rules.*rule.flag = true;
      known = true;
    }
    if (!known) return fail(unknown_rule(word));
    if (word.size() == text.size()) return rules;
    text.remove_prefix(word.size() + 1);
  }
}

std::optional<DropReason> find_fault(const RgbImage& picture, QualityRules rules) {
  if (rules == QualityRules()) return std::nullopt;
  const ColourMeasures colours = measure_colours(picture);
  if (rules.blank && contrast(colours.gray) < kLeastContrast) return DropReason::kBlank;
  if (rules.black && colours.black >= kMostBlack) return DropReason::kBlack;
  if (rules.pen && colours.red_ink >= kMostInk) return DropReason::kPenRed;
  if (rules.pen && colours.green_ink >= kMostInk) return DropReason::kPenGreen;
  if (rules.blur && sharpness(colours.gray, picture.width, picture.height) < kLeastSharpness)
    return DropReason::kBlur;
  return std::nullopt;
}

}  // namespace clippath
