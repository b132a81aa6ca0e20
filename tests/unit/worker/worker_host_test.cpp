// SPDX-License-Identifier: Apache-2.0
#include "worker/client/worker_host.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "tests/support/temp_dir.h"
#include "worker/client/isolated_slide.h"

namespace clippath::worker {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// What the rogue worker does for a region at this x (tests/support/rogue_worker.cpp).
constexpr std::int64_t kAborts = 1;
constexpr std::int64_t kHangs = 2;
constexpr std::int64_t kAnswersAnother = 3;
constexpr std::int64_t kAnswersOtherSize = 4;
constexpr std::int64_t kIsSlow = 5;
constexpr std::int64_t kExits = 6;
constexpr std::int64_t kBehaves = 100;

WorkerSpec rogue(int lanes = 2) {
  return {CLIPPATH_ROGUE_WORKER, "slide", lanes, std::size_t{1} << 20, 1s};
}

class RogueSlide : public ::testing::Test {
 protected:
  void SetUp() override {
    auto slide = open_isolated_slide(rogue(), "rogue.svs");
    ASSERT_TRUE(slide) << slide.error().message;
    slide_ = std::move(*slide);
  }
  [[nodiscard]] Result<RgbImage> read(std::int64_t x, std::int64_t y = 0) const {
    return slide_->read({x, y}, 0, {4, 4});
  }

  std::shared_ptr<const SlideReader> slide_;
};

TEST_F(RogueSlide, ReadsWhatItsWorkerAnswers) {
  EXPECT_EQ(slide_->info().vendor, "rogue");
  EXPECT_EQ(read(kBehaves).value(), RgbImage::filled(4, 4, 100, 100, 100));
}

TEST_F(RogueSlide, ADeadWorkerCostsTheRegionThatKilledIt) {
  const auto bad = read(kAborts);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::kCorruption);
  EXPECT_NE(bad.error().message.find("SIGABRT"), std::string::npos) << bad.error().message;
  EXPECT_NE(bad.error().message.find("at (1, 0)"), std::string::npos) << bad.error().message;
  EXPECT_TRUE(read(kBehaves));
}

TEST_F(RogueSlide, AWorkerThatLeavesInSilenceIsToldToo) {
  const auto bad = read(kExits);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("exit code 0"), std::string::npos) << bad.error().message;
}

TEST_F(RogueSlide, TheRegionBesideTheCulpritIsReadAgain) {
  auto beside = std::async(std::launch::async, [this] { return read(kIsSlow); });
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(read(kAborts));
  const auto innocent = beside.get();
  EXPECT_TRUE(innocent) << innocent.error().message;
}

TEST_F(RogueSlide, AHangingWorkerIsEnded) {
  const auto bad = read(kHangs);
  ASSERT_FALSE(bad);
  EXPECT_NE(bad.error().message.find("more than 1 seconds"), std::string::npos);
  EXPECT_TRUE(read(kBehaves));
}

TEST_F(RogueSlide, AnswersToOtherQuestionsAreNotBelieved) {
  EXPECT_EQ(read(kAnswersAnother).error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(read(kAnswersOtherSize).error().kind, ErrorKind::kCorruption);
}

TEST_F(RogueSlide, ManyBadRegionsCostNoOthers) {
  for (std::int64_t y = 0; y < 40; ++y) {
    EXPECT_FALSE(read(kAborts, 4 * y));
    const auto good = read(kBehaves, 4 * y);
    ASSERT_TRUE(good) << good.error().message;
  }
}

TEST_F(RogueSlide, ACulpritIsNotAskedAgain) {
  for (int i = 0; i < 2 * WorkerHost::kMostDeaths; ++i) {
    const auto bad = read(kAborts);
    ASSERT_FALSE(bad);
    EXPECT_NE(bad.error().message.find("SIGABRT"), std::string::npos) << bad.error().message;
  }
  EXPECT_TRUE(read(kBehaves));
}

// Its worker would answer them all, by their x.
TEST_F(RogueSlide, NoRegionThatHoldsACulpritIsAsked) {
  EXPECT_FALSE(slide_->read({kAborts, 8}, 1, {4, 4}));  // 16 px of level 0
  EXPECT_TRUE(slide_->read({0, 0}, 0, {32, 32}));
  EXPECT_TRUE(slide_->read({0, 8}, 1, {4, 4}));
  const auto around = slide_->read({0, 0}, 1, {6, 6});
  ASSERT_FALSE(around);
  EXPECT_NE(around.error().message.find("level 1 at (0, 0)"), std::string::npos)
      << around.error().message;
  EXPECT_NE(around.error().message.find("SIGABRT"), std::string::npos) << around.error().message;
}

TEST_F(RogueSlide, IsGivenUpAfterAHundredDeaths) {
  for (std::int64_t y = 0; y < WorkerHost::kMostDeaths; ++y) EXPECT_FALSE(read(kAborts, 4 * y));
  const auto good = read(kBehaves);
  ASSERT_FALSE(good);
  EXPECT_NE(good.error().message.find("given up: its decoder died 100 times"), std::string::npos)
      << good.error().message;
}

TEST_F(RogueSlide, IsGivenUpAfterThreeHangs) {
  for (std::int64_t y = 0; y < WorkerHost::kMostHangs; ++y) EXPECT_FALSE(read(kHangs, 4 * y));
  const auto good = read(kBehaves);
  ASSERT_FALSE(good);
  EXPECT_NE(good.error().message.find("given up"), std::string::npos) << good.error().message;
}

/// A slide whose worker dies so many times at opening it.
fs::path deadly_slide(const test::TempDir& folder, int deaths) {
  const fs::path path = folder.path() / "slide.svs";
  std::ofstream(path) << std::string(static_cast<std::size_t>(deaths), 'x');
  return path;
}

TEST(OpenRogueSlide, IsTriedAgainAfterADeath) {
  const test::TempDir folder;
  const auto slide = open_isolated_slide(rogue(), deadly_slide(folder, 1));
  EXPECT_TRUE(slide) << slide.error().message;
}

TEST(OpenRogueSlide, IsBlamedForTheSecondDeath) {
  const test::TempDir folder;
  const fs::path path = deadly_slide(folder, 3);
  const auto slide = open_isolated_slide(rogue(), path);
  ASSERT_FALSE(slide);
  EXPECT_EQ(slide.error().kind, ErrorKind::kCorruption);
  EXPECT_NE(slide.error().message.find("SIGABRT"), std::string::npos) << slide.error().message;
  EXPECT_EQ(fs::file_size(path), 1U);
}

TEST(WorkerHost, AMissingProgramIsAnError) {
  WorkerSpec spec = rogue();
  spec.program = "/nonexistent/worker";
  WorkerHost host(spec, {});
  EXPECT_FALSE(host.call({MessageKind::kTrySandbox}));
}

TEST(WorkerHost, ManyThreadsShareItsLanes) {
  WorkerHost host(rogue(3), {});
  std::vector<std::future<int>> threads;
  for (int i = 0; i < 8; ++i) {
    threads.push_back(std::async(std::launch::async, [&host] {
      int right = 0;
      for (std::int64_t x = 10; x < 60; ++x) {
        auto answer = host.call({MessageKind::kReadRegion, to_json(Region{{x, 0}, 0, {2, 2}})});
        right += answer &&
                 answer->payload == std::vector<std::uint8_t>(12, static_cast<std::uint8_t>(x));
      }
      return right;
    }));
  }
  for (auto& thread : threads) EXPECT_EQ(thread.get(), 50);
}

TEST(WorkerHost, AWornWorkerIsReplaced) {
  WorkerHost::Rules rules;
  rules.requests_a_worker = 2;
  WorkerHost host(rogue(1), rules);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(host.call({MessageKind::kTrySandbox}));
}

}  // namespace
}  // namespace clippath::worker
