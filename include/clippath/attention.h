// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/attention_network.h"
#include "clippath/core/result.h"

namespace clippath {

/// What of the attention a of a patch, among the N of its map, is compared with the threshold.
enum class AttentionMode {
  kRaw,     ///< a; the mean is about 1 / N, so a threshold depends on the input size
  kScaled,  ///< a * N: raw, independent of the input size
  kMax,     ///< a / max a
  kMinMax,  ///< (a - min a) / (max a - min a); 0 on a constant map
  kMass,    ///< the share of the attention that lies on patches attended to no more than this one
  kRank     ///< the share of such patches: the same for every map, so a display and no filter
};

inline constexpr std::array kAttentionModes = {AttentionMode::kRaw,  AttentionMode::kScaled,
                                               AttentionMode::kMax,  AttentionMode::kMinMax,
                                               AttentionMode::kMass, AttentionMode::kRank};

/// `raw`, `scaled`, `max`, `minmax`, `mass`, `rank`.
std::string_view to_string(AttentionMode mode);
/// Fails: kInvalidArgument naming them.
Result<AttentionMode> parse_attention_mode(std::string_view text);

/// What is made of the heads of a layer: one map, of their mean or their greatest, or a map each.
enum class AttentionHeads { kMean, kMax, kEach };

inline constexpr std::array kAttentionHeads = {AttentionHeads::kMean, AttentionHeads::kMax,
                                               AttentionHeads::kEach};

/// `mean`, `max`, `each`.
std::string_view to_string(AttentionHeads heads);
/// Fails: kInvalidArgument naming them.
Result<AttentionHeads> parse_attention_heads(std::string_view text);

/// Which pictures an index keeps: those of whose attention values a share of more than `keep` is
/// above the threshold (the seed report's rule, on a scale to choose: the report leaves it open).
///
/// The rule rewards even attention: on a blank picture nearly all values are alike and, raw, scaled
/// or by the maximum, above any sensible threshold. It is for pictures that the tissue rules have
/// let through.
struct AttentionRule {
  std::string network;  ///< AttentionNetwork::id
  AttentionMode mode = AttentionMode::kScaled;
  AttentionHeads heads = AttentionHeads::kMean;
  std::vector<std::int64_t> layers;   ///< AttentionNetwork::layers; the values of all count
  double keep = 0.7;                  ///< in [0, 1)
  double threshold = 0.5;             ///< of the values; for kMass of the mass that a mask holds
  std::optional<double> target_keep;  ///< in its place: each series finds a threshold that keeps
                                      ///< about this share of its pictures, in (0, 1)
  friend bool operator==(const AttentionRule&, const AttentionRule&) = default;
};

/// Fails: kInvalidArgument naming the option, for numbers out of range and for kRank.
Result<void> check_attention_rule(const AttentionRule& rule);

/// The values of one picture, map behind map: each layer's heads are combined, and each of the maps
/// is scaled for itself. `[layers * (1 or heads) * patches]`
std::vector<double> attention_values(const AttentionMaps& maps, AttentionMode mode,
                                     AttentionHeads heads);

/// Share of the values above the threshold, in [0, 1]. kMass: share of the patches within the mask
/// that holds `threshold` of the attention, those attended to most first.
double attention_score(std::span<const double> values, AttentionMode mode, double threshold);

/// More pictures than these say little new about where a threshold lies.
inline constexpr std::size_t kMostAttentionSamples = 256;

/// The threshold at which about the share `rule.target_keep` of these pictures, and at least one,
/// is kept: half-way between the last that goes and the first that stays. Depends on no order.
/// @param sample  attention_values of pictures of one series; where it is empty, all are kept.
double find_attention_threshold(const std::vector<std::vector<double>>& sample,
                                const AttentionRule& rule);

/// How the pictures of a series scored.
struct AttentionScores {
  static constexpr std::size_t kBins = 10;
  double threshold = 0;  ///< that the scores belong to
  /// Pictures with a score in [i / 10, (i + 1) / 10), kept or not; a score of 1 is in the last.
  std::array<std::int64_t, kBins> histogram{};

  void add(double score);
  friend bool operator==(const AttentionScores&, const AttentionScores&) = default;
};

/// The scores of each series of a slide, by its level0_extent.
using SlideAttention = std::map<std::int64_t, AttentionScores>;

}  // namespace clippath
