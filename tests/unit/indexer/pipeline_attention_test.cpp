// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/verify_patch.h"
#include "tests/support/fake_attention.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

using test::covered;
using test::FakeAttention;
using test::Pipeline;
using test::rows_of;
using test::TempDir;
using testing::HasSubstr;

class AttentivePipeline : public Pipeline {
 protected:
  /// The fake network's even maps put more than half of the mean on every patch that they touch, so
  /// a score is the share of these.
  AttentivePipeline() {
    options_.attention_network = network_;
    options_.attention.emplace();
    options_.attention->network = network_->id();
    options_.attention->layers = network_->layers();
  }

  static std::map<std::string, std::optional<double>> scores(const DataFolder& folder) {
    std::map<std::string, std::optional<double>> scores;
    const auto visited =
        folder.records().each_patch([&](const SlideRecord&, PatchRow&& row) -> Result<void> {
          scores[row.record.id.value] = row.record.attention;
          return {};
        });
    EXPECT_TRUE(visited);
    return scores;
  }

  static std::int64_t scored(const AttentionScores& scores) {
    return std::accumulate(scores.histogram.begin(), scores.histogram.end(), std::int64_t{0});
  }

  std::shared_ptr<FakeAttention> network_ = std::make_shared<FakeAttention>();
};

TEST_F(AttentivePipeline, KeepsWhatScoresAboveTheShareAndStoresTheScore) {
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", covered(2048))});
  ASSERT_TRUE(summary) << summary.error().message;
  const auto& tiles = summary->slides[0].tiles;
  EXPECT_EQ(tiles.at("grid"), 256);
  EXPECT_EQ(tiles.at("kept") + tiles.at("attention"), 256);
  EXPECT_GT(tiles.at("kept"), 32);
  EXPECT_GT(tiles.at("attention"), 32);
  EXPECT_EQ(network_->pictures_seen, 256);

  const auto stored = scores(*folder);
  EXPECT_EQ(stored.size(), static_cast<std::size_t>(tiles.at("kept")));
  for (const auto& [id, score] : stored) {
    ASSERT_TRUE(score) << id;
    EXPECT_GT(*score, 0.7) << id;
  }
  const SeriesRecord series = record(*folder, "a").series[0];
  ASSERT_TRUE(series.attention);
  EXPECT_EQ(series.attention->threshold, 0.5);
  EXPECT_EQ(scored(*series.attention), 256);
  EXPECT_EQ(summary->slides[0].attention.at(128), *series.attention);
}

TEST_F(AttentivePipeline, LeavesRowsOfWhatItKeepsAsTheyWere) {
  const std::vector<SlideInput> slides = {slide("a", covered(1024))};
  const TempDir dir;
  const auto filtered = open(dir);
  ASSERT_TRUE(index(*filtered, slides));
  options_.attention.reset();
  const TempDir plain_dir;
  const auto plain = open(plain_dir);
  ASSERT_TRUE(index(*plain, slides));
  auto rows = rows_of(*filtered);
  auto all = rows_of(*plain);
  std::sort(rows.begin(), rows.end());
  std::sort(all.begin(), all.end());
  EXPECT_LT(rows.size(), all.size());
  EXPECT_TRUE(std::includes(all.begin(), all.end(), rows.begin(), rows.end()));
  for (const auto& [id, score] : scores(*plain)) EXPECT_FALSE(score) << id;
  EXPECT_FALSE(record(*plain, "a").series[0].attention);
}

TEST_F(AttentivePipeline, LooksAtNoTileThatTheTissueRulesDrop) {
  test::SyntheticSlide::Drawing drawing = covered(1024);
  drawing.tissue = {{0, 0, 512, 1024}};
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", drawing)}));
  EXPECT_EQ(network_->pictures_seen, 32);
}

TEST_F(AttentivePipeline, GivesTheSameForAnyNumberOfThreads) {
  options_.attention->keep = 0.3;
  for (const std::optional<double> target : {std::optional<double>(), std::optional(0.4)}) {
    options_.attention->target_keep = target;
    std::vector<std::vector<std::string>> runs;
    std::vector<std::optional<AttentionScores>> found;
    for (const int threads : {1, 3}) {
      options_.threads = threads;
      const TempDir dir;
      const auto folder = open(dir);
      ASSERT_TRUE(index(*folder, {slide("a", covered(1024)), slide("b", covered(512))}));
      runs.push_back(rows_of(*folder));
      found.push_back(record(*folder, "a").series[0].attention);
    }
    EXPECT_EQ(runs[0], runs[1]);
    EXPECT_EQ(found[0], found[1]);
  }
}

TEST_F(AttentivePipeline, FindsTheThresholdThatKeepsTheTargetShareOfASlide) {
  options_.attention->target_keep = 0.25;
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", covered(1024))});
  ASSERT_TRUE(summary);
  const auto& tiles = summary->slides[0].tiles;
  EXPECT_NEAR(static_cast<double>(tiles.at("kept")), 16, 3);  // of 64; some decide alike
  EXPECT_EQ(network_->pictures_seen, 64);                     // none twice
  const SeriesRecord series = record(*folder, "a").series[0];
  EXPECT_NE(series.attention->threshold, 0.5);
  EXPECT_EQ(scored(*series.attention), 64);
}

TEST_F(AttentivePipeline, AThresholdDependsOnNoOtherSlide) {
  options_.attention->keep = 0.3;
  options_.attention->target_keep = 0.5;
  const TempDir alone_dir;
  const auto alone = open(alone_dir);
  ASSERT_TRUE(index(*alone, {slide("a", covered(1024))}));
  const TempDir together_dir;
  const auto together = open(together_dir);
  ASSERT_TRUE(index(*together, {slide("b", covered(640)), slide("a", covered(1024))}));
  EXPECT_EQ(record(*alone, "a").series[0].attention, record(*together, "a").series[0].attention);
}

TEST_F(AttentivePipeline, AnotherRuleIndexesAgainAndTheSameDoesNot) {
  const std::vector<SlideInput> slides = {slide("a", covered(1024))};
  const TempDir dir;
  const auto folder = open(dir);
  const auto first = index(*folder, slides);
  ASSERT_TRUE(first);
  const auto again = index(*folder, slides);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(again->slides[0].attention, first->slides[0].attention);
  options_.attention->keep = 0.2;
  const auto other = index(*folder, slides);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->slides[0].state, SlideState::kDone);
  EXPECT_GT(other->slides[0].tiles.at("kept"), first->slides[0].tiles.at("kept"));
}

TEST_F(AttentivePipeline, ExplainsWhatTheFilterDropsAndWhereItLooked) {
  const std::vector<SlideInput> slides = {slide("a", covered(1024))};
  const auto drawn = [&](const std::string& name, const std::string& file) {
    const auto folder = files_.path() / name;
    const auto not_drawn = explain_slides(slides, options_, {&encoder_}, opener(), folder, stop_);
    EXPECT_TRUE(not_drawn && not_drawn->empty()) << name;
    auto bytes = read_file(folder / file, 1U << 24U);
    EXPECT_TRUE(bytes) << name << "/" << file;
    return bytes ? *decode_picture(*bytes) : RgbImage{};
  };
  const RgbImage some = drawn("some", "a_128.png");
  const RgbImage sheet = drawn("some", "a_128_attention.png");
  EXPECT_EQ(sheet.width, 6 * (224 + 8) + 8);  // twelve tiles, each beside its map
  EXPECT_GT(sheet.height, 4 * 224);
  // By the threshold that an index finds, with the tiles that it takes for that.
  options_.attention->target_keep = 0.25;
  EXPECT_NE(drawn("quarter", "a_128.png"), some);
  options_.attention->target_keep.reset();
  options_.attention->keep = 0;
  const RgbImage all = drawn("all", "a_128.png");
  EXPECT_NE(all, some);
  options_.attention.reset();
  EXPECT_EQ(drawn("none", "a_128.png"), all);
  EXPECT_FALSE(std::filesystem::exists(files_.path() / "none" / "a_128_attention.png"));
}

TEST_F(AttentivePipeline, VerifiesTheScoreWhereTheNetworkIsAtHand) {
  options_.attention->target_keep = 0.5;
  options_.stain = StainRule{StainScope::kPatch, default_stain_target(StainMethod::kReinhard)};
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", covered(1024))}));
  const auto stored = scores(*folder);
  ASSERT_FALSE(stored.empty());
  const PatchId id(stored.begin()->first);
  const auto verify = [&](const AttentionNetwork* network) {
    return verify_patch(*folder, id, {&encoder_}, opener(), &decode_picture, network);
  };
  const auto check = verify(network_.get());
  ASSERT_TRUE(check) << check.error().message;
  ASSERT_TRUE(check->attention.now);
  EXPECT_EQ(check->attention.stored, stored.begin()->second);
  EXPECT_EQ(check->attention.now, check->attention.stored);

  const auto without = verify(nullptr);
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->attention.now);
  EXPECT_EQ(without->attention.stored, stored.begin()->second);

  const FakeAttention other("00112233445566778899aabbccddeeff");
  const auto refused = verify(&other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_THAT(refused.error().message, HasSubstr("--attention-model"));
}

TEST_F(AttentivePipeline, SaysThatTheRuleLeftNothing) {
  options_.attention->threshold = 1000;
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", covered(512))});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kNoPatches);
  EXPECT_THAT(summary->slides[0].reason, HasSubstr("attention rule keeps none of 16 tiles"));
}

TEST_F(AttentivePipeline, AFailingNetworkFailsTheSlideAndStoresNothing) {
  network_->fails = true;
  for (const std::optional<double> target : {std::optional<double>(), std::optional(0.4)}) {
    options_.attention->target_keep = target;
    const TempDir dir;
    const auto folder = open(dir);
    const auto summary = index(*folder, {slide("a", covered(512))});
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].state, SlideState::kFailed);
    EXPECT_THAT(summary->slides[0].reason, HasSubstr("attention: the model gave"));
    EXPECT_TRUE(rows_of(*folder).empty());
  }
}

}  // namespace
}  // namespace clippath
