// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "clippath/tissue.h"

namespace clippath {

std::string_view to_string(TissuePreset preset) {
  switch (preset) {
    case TissuePreset::kClippath225: return "clippath225";
    case TissuePreset::kSeed: return "seed";
    case TissuePreset::kClam: return "clam";
    case TissuePreset::kClamTcga: return "clam-tcga";
    case TissuePreset::kClamBiopsy: return "clam-biopsy";
    case TissuePreset::kClamResection: return "clam-resection";
    case TissuePreset::kPale: return "pale";
  }
  return "clippath225";
}

Result<TissuePreset> parse_tissue_preset(std::string_view text) {
  std::string names;
  for (const TissuePreset preset : kTissuePresets) {
    if (text == to_string(preset)) return preset;
    if (!names.empty()) names += ", ";
    names += to_string(preset);
  }
  return fail(Error{ErrorKind::kInvalidArgument,
                    "tissue: must be one of " + names + ", is '" + std::string(text) + "'",
                    "tissue", names});
}

TissueRule tissue_rule(TissuePreset preset) {
  TissueRule rule;
  rule.preset = preset;
  switch (preset) {
    case TissuePreset::kClippath225:
    case TissuePreset::kSeed: break;
    case TissuePreset::kClam:
    case TissuePreset::kClamTcga:
    case TissuePreset::kClamBiopsy:
    case TissuePreset::kClamResection:
      rule.min_tissue = 0;
      rule.max_white = 1;
      break;
    case TissuePreset::kPale: rule.max_white = 1; break;
  }
  return rule;
}

}  // namespace clippath
