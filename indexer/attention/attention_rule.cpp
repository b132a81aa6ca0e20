// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "clippath/attention.h"

namespace clippath {
namespace {

template <class Word, std::size_t kCount>
Result<Word> parse_word(std::string_view text, const std::array<Word, kCount>& words,
                        const std::string& what) {
  std::string known;
  for (const Word word : words) {
    if (to_string(word) == text) return word;
    known += (known.empty() ? "" : ", ") + std::string(to_string(word));
  }
  return fail(ErrorKind::kInvalidArgument,
              what + ": must be one of " + known + ", is '" + std::string(text) + "'");
}

tl::unexpected<Error> out_of_range(const std::string& option, const std::string& limit) {
  return fail({ErrorKind::kInvalidArgument, option + ": must be " + limit, option, limit});
}

}  // namespace

std::string_view to_string(AttentionMode mode) {
  switch (mode) {
    case AttentionMode::kRaw: return "raw";
    case AttentionMode::kScaled: return "scaled";
    case AttentionMode::kMax: return "max";
    case AttentionMode::kMinMax: return "minmax";
    case AttentionMode::kMass: return "mass";
    case AttentionMode::kRank: return "rank";
  }
  return "raw";
}

Result<AttentionMode> parse_attention_mode(std::string_view text) {
  return parse_word(text, kAttentionModes, "attention mode");
}

std::string_view to_string(AttentionHeads heads) {
  switch (heads) {
    case AttentionHeads::kMean: return "mean";
    case AttentionHeads::kMax: return "max";
    case AttentionHeads::kEach: return "each";
  }
  return "mean";
}

Result<AttentionHeads> parse_attention_heads(std::string_view text) {
  return parse_word(text, kAttentionHeads, "attention heads");
}

Result<void> check_attention_rule(const AttentionRule& rule) {
  if (rule.mode == AttentionMode::kRank) {
    return fail({ErrorKind::kInvalidArgument,
                 "--attention-mode rank: as many values lie above a threshold on every picture, so "
                 "it keeps all or none; use scaled, max, minmax or mass",
                 "attention_mode"});
  }
  // Written so that a NaN fails.
  if (!(rule.keep >= 0 && rule.keep < 1)) return out_of_range("--attention-keep", "0 <= K < 1");
  if (rule.target_keep) {
    if (!(*rule.target_keep > 0 && *rule.target_keep < 1)) {
      return out_of_range("--target-keep", "0 < Q < 1");
    }
    return {};
  }
  if (!(rule.threshold >= 0 && std::isfinite(rule.threshold))) {
    return out_of_range("--attention-threshold", "a finite number, at least 0");
  }
  const bool bounded = rule.mode != AttentionMode::kScaled;
  if (bounded && !(rule.threshold < 1)) {
    return out_of_range("--attention-threshold",
                        "under 1 in mode " + std::string(to_string(rule.mode)));
  }
  return {};
}

}  // namespace clippath
