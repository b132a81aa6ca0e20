// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/reference_criteria.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace clippath {
namespace {

constexpr std::array<std::uint8_t, 3> kNucleus = {90, 50, 130};
constexpr std::array<std::uint8_t, 3> kStroma = {235, 170, 195};
constexpr std::array<std::uint8_t, 3> kGlass = {250, 250, 250};

StainProfile slide_profile() {
  StainProfile profile = default_stain_target(StainMethod::kVahadane);
  profile.max_concentrations = {1, 1};
  return profile;
}

/// 64 x 64 px; `colour_at(x, y)`.
template <class Colour>
RgbImage drawn(const Colour& colour_at) {
  RgbImage tile = RgbImage::filled(64, 64, 0, 0, 0);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const std::array<std::uint8_t, 3> colour = colour_at(x, y);
      std::copy(colour.begin(), colour.end(), tile.row(y) + 3 * static_cast<std::ptrdiff_t>(x));
    }
  }
  return tile;
}

TEST(MeasureReference, TellsWhiteAndNucleiByTheirShares) {
  const auto criteria = measure_reference(
      drawn([](int x, int y) { return y < 16 ? kGlass : (x < 32 ? kNucleus : kStroma); }),
      slide_profile());
  EXPECT_DOUBLE_EQ(criteria.white, 0.25);
  EXPECT_DOUBLE_EQ(criteria.nuclei, 0.5);
}

TEST(MeasureReference, IsVariedWherePartsDifferNotWherePixelsDo) {
  const auto halves = drawn([](int x, int) { return x < 32 ? kNucleus : kStroma; });
  const auto mixed = drawn([](int x, int) { return x % 2 == 0 ? kNucleus : kStroma; });
  EXPECT_NEAR(measure_reference(halves, slide_profile()).variety, 0.5, 1e-9);
  EXPECT_NEAR(measure_reference(mixed, slide_profile()).variety, 0, 1e-9);
}

TEST(MeasureReference, TakesTheColourOfTheTissueAlone) {
  const auto full = drawn([](int, int) { return kStroma; });
  const auto half = drawn([](int, int y) { return y < 32 ? kStroma : kGlass; });
  EXPECT_EQ(measure_reference(full, slide_profile()).lab,
            measure_reference(half, slide_profile()).lab);
}

TEST(AverageOf, CountsEverySlideOnce) {
  const ReferenceCriteria pale{0, 0, {80, 10, -10}, 0.1};
  const ReferenceCriteria dark{0, 0, {40, 30, -30}, 0.5};
  const ReferenceAims aims = average_of({{pale}, {dark, dark, dark}, {}});
  EXPECT_NEAR(aims.lab[0], 60, 1e-9);
  EXPECT_NEAR(aims.lab[2], -20, 1e-9);
  EXPECT_NEAR(aims.nuclei, 0.3, 1e-9);
}

TEST(ScoreReferences, EachCriterionCounts) {
  const ReferenceAims aims{{60, 20, -20}, 0.3};
  const ReferenceCriteria best{0, 0.2, aims.lab, aims.nuclei};
  std::array<ReferenceCriteria, 4> worse{best, best, best, best};
  worse[0].white = 0.3;
  worse[1].variety = 0.1;
  worse[2].lab[1] = 30;
  worse[3].nuclei = 0.2;
  for (const ReferenceCriteria& one : worse) {
    const auto scores = score_references({one, best}, aims);
    EXPECT_DOUBLE_EQ(scores[1], 1);
    EXPECT_DOUBLE_EQ(scores[0], 0.75);
  }
}

TEST(ScoreReferences, EqualTilesAreEquallyGood) {
  const ReferenceCriteria tile{0.1, 0.2, {60, 20, -20}, 0.3};
  const auto scores = score_references({tile, tile, tile}, ReferenceAims{});
  EXPECT_EQ(scores, std::vector<double>(3, 1));
  EXPECT_EQ(score_references({tile}, ReferenceAims{}), std::vector<double>(1, 1));
}

}  // namespace
}  // namespace clippath
