// SPDX-License-Identifier: Apache-2.0
#include "clippath/quality.h"

#include "indexer/tissue/gray_pixels.h"
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

std::optional<DropReason> find_ink(const RgbImage& picture) {
  const InkFractions ink = ink_fractions(picture);
  if (ink.red >= kMostInk) return DropReason::kPenRed;
  if (ink.green >= kMostInk) return DropReason::kPenGreen;
  return std::nullopt;
}

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
  const std::vector<std::uint8_t> gray = gray_pixels(picture);
  if (rules.blank && contrast(gray) < kLeastContrast) return DropReason::kBlank;
  if (rules.black && black_fraction(picture) >= kMostBlack) return DropReason::kBlack;
  if (rules.pen) {
    if (const auto ink = find_ink(picture)) return ink;
  }
  if (rules.blur && sharpness(gray, picture.width, picture.height) < kLeastSharpness)
    return DropReason::kBlur;
  return std::nullopt;
}

}  // namespace clippath
