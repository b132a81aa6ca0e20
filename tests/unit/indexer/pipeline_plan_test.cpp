// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

// What a run would do, told before it is done.

namespace fs = std::filesystem;
using test::covered;
using test::FakeEncoder;
using test::Pipeline;
using test::SyntheticSlide;
using test::TempDir;

TEST_F(Pipeline, PlansWithoutWriting) {
  SyntheticSlide::Drawing half = covered(1024);
  half.tissue = {{0, 0, 512, 1024}};
  const auto plan = plan_slides({slide("a", half), slide("b", covered(100))}, options_, {&encoder_},
                                opener(), stop_);
  ASSERT_EQ(plan.slides.size(), 2U);
  EXPECT_EQ(plan.slides[0].tiles, 64);
  EXPECT_EQ(plan.slides[0].expected_patches, 32);
  EXPECT_TRUE(plan.slides[0].reason.empty());
  EXPECT_FALSE(plan.slides[1].reason.empty());
}

TEST_F(Pipeline, PlansTheTimeByATrialOnSomeTiles) {
  options_.threads = 1;
  const SlideInput small = slide("a", covered(1024));   // 64 tiles
  const SlideInput large = slide("b", covered(16384));  // 16,384 tiles
  const auto one = plan_slides({small}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 65U);  // one to warm up
  const auto both = plan_slides({small, large}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 130U);
  ASSERT_TRUE(one.seconds && both.seconds);
  EXPECT_GT(*both.seconds, *one.seconds);
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 256});
  plan_slides({small}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 130U + 65 + 17);  // 16 tiles in the second field
  SyntheticSlide::Drawing unreadable = covered(1024);
  unreadable.downsamples = {1, 64};
  unreadable.damaged = {{0, 0, 1024, 1024}};
  EXPECT_FALSE(
      plan_slides({slide("d", unreadable)}, options_, {&encoder_}, opener(), stop_).seconds);
  SyntheticSlide::Drawing glass = covered(512);
  glass.tissue.clear();
  EXPECT_FALSE(plan_slides({slide("c", glass)}, options_, {&encoder_}, opener(), stop_).seconds);
}

TEST_F(Pipeline, PlansToLeaveOutWhatIsToBeSkipped) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.mpp = std::nullopt;
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  for (const bool skip : {false, true}) {
    options_.missing_mpp.policy = skip ? MissingMpp::Policy::kSkip : MissingMpp::Policy::kError;
    const auto plan = plan_slides({slide("a", drawing)}, options_, {&encoder_}, opener(), stop_);
    EXPECT_FALSE(plan.slides[0].reason.empty());
    EXPECT_EQ(plan.slides[0].skipped, skip);
  }
}

TEST_F(Pipeline, KnowsWhatAPatchTakesOnDisk) {
  const TempDir dir;
  auto folder = open(dir);
  const FakeEncoder wide{256, 32};
  ASSERT_TRUE(index(*folder, {slide("a", covered(8192))}, {&wide}));  // 4,096 tiles
  folder.reset();
  std::uintmax_t bytes = 4096 * 2 * wide.info().dimension;  // of the vectors that are searched
  for (const auto& entry : fs::recursive_directory_iterator(dir.path() / "data")) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  const double each = static_cast<double>(bytes) / 4096;
  EXPECT_NEAR(each / static_cast<double>(bytes_per_patch({&wide})), 1, 0.15);
}

}  // namespace
}  // namespace clippath
