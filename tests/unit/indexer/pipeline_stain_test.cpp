// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

using test::covered;
using test::Pipeline;
using test::rows_of;
using test::TempDir;

class StainedPipeline : public Pipeline {};

/// What of every row the stain step must leave alone: its id, its picture and its tissue.
std::vector<std::string> without_vectors(std::vector<std::string> rows) {
  for (std::string& row : rows) row.resize(row.find(" vector "));
  return rows;
}

TEST_F(StainedPipeline, EvensOutTheStainOfWhatIsEncodedAndOfNothingElse) {
  const std::vector<SlideInput> slides = {slide("a", covered(1024))};
  const TempDir plain;
  ASSERT_TRUE(index(*open(plain), slides));
  const auto as_read = rows_of(*open(plain));
  for (const StainScope scope : {StainScope::kPatch, StainScope::kSlide}) {
    options_.stain = StainRule{scope, default_stain_target(StainMethod::kReinhard)};
    std::vector<std::vector<std::string>> runs;
    for (const int threads : {1, 3}) {
      options_.threads = threads;
      const TempDir dir;
      const auto folder = open(dir);
      const auto summary = index(*folder, slides);
      ASSERT_TRUE(summary) << summary.error().message;
      EXPECT_EQ(summary->slides[0].tiles.count("keeps_stain"), 0U);
      EXPECT_EQ(record(*folder, "a").series[0].stain.has_value(), scope == StainScope::kSlide);
      runs.push_back(rows_of(*folder));
    }
    EXPECT_EQ(runs[0], runs[1]);
    EXPECT_NE(runs[0], as_read);
    EXPECT_EQ(without_vectors(runs[0]), without_vectors(as_read));
  }
}

TEST_F(StainedPipeline, EncodesPicturesWithoutTwoStainsAsTheyAre) {
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  const TempDir plain;
  ASSERT_TRUE(index(*open(plain), slides));
  for (const StainScope scope : {StainScope::kPatch, StainScope::kSlide}) {
    StainProfile target = default_stain_target(StainMethod::kVahadane);
    options_.stain = StainRule{scope, target};
    const TempDir dir;
    const auto folder = open(dir);
    const auto summary = index(*folder, slides);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].tiles.at("keeps_stain"), summary->slides[0].tiles.at("kept"));
    EXPECT_EQ(rows_of(*folder), rows_of(*open(plain)));
    EXPECT_FALSE(record(*folder, "a").series[0].stain);
    const auto patch = folder->records().find_patch(PatchId("a~0_0_128"));
    ASSERT_TRUE(patch && *patch);
    EXPECT_TRUE((*patch)->record.keeps_stain);
  }
}

TEST_F(StainedPipeline, OneFolderHasOneStainRule) {
  const TempDir dir;
  const auto folder = open(dir);
  options_.stain = StainRule{StainScope::kSlide, default_stain_target(StainMethod::kReinhard)};
  ASSERT_TRUE(index(*folder, {slide("a", covered(512))}));
  options_.stain->target.lab_mean[0] += 1;
  for (const auto& other : {options_.stain, std::optional<StainRule>()}) {
    options_.stain = other;
    const auto refused = index(*folder, {slide("b", covered(512))});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kFailedPrecondition);
    EXPECT_EQ(refused.error().code, "stain_mismatch");
  }
  EXPECT_EQ(rows_of(*folder).size(), 16U);
}

}  // namespace
}  // namespace clippath
