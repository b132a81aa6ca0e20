// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

constexpr int kKillPoints = 10;

std::vector<std::string> index_command(const std::string& data) {
  return {"index",
          source_path("demo/slides/breast-ilc-HE-2048.svs"),
          source_path("demo/slides/pdac-HE1-2048.svs"),
          source_path("demo/slides/pdac-HE2-2048.svs"),
          "--data",
          data,
          "--model",
          source_path("demo/model/atlas-clippath-small"),
          "--um",
          "256",
          "--overlap",
          "0.5"};
}

/// kill -9 at ten moments spread over an index run; the same command then ends as an undisturbed
/// run does.
TEST(KilledIndex, ResumesToWhatAnUndisturbedRunStores) {
  const TempDir folder;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run(index_command(folder.path() / "undisturbed")).exit_code, 0);
  auto run_time = std::chrono::steady_clock::now() - start;
  const auto expected = patches_in(folder.path() / "undisturbed");
  ASSERT_GT(expected.size(), 100U);

  int attempts = 0;
  for (int point = 1; point <= kKillPoints; ++point) {
    std::string data;
    for (bool killed = false; !killed;) {
      // What runs beside a test slows some runs down: one that ended too soon is tried again, from
      // the beginning and with less time.
      ASSERT_LT(++attempts, 4 * kKillPoints);
      data = folder.path() / ("killed" + std::to_string(attempts));
      Program program(index_command(data));
      std::this_thread::sleep_for(run_time * point / (kKillPoints + 1));
      program.send(SIGKILL);
      killed = program.wait() == 128 + SIGKILL;
      if (!killed) run_time = run_time * 3 / 4;
    }
    const Finished resumed = run(index_command(data));
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    ASSERT_EQ(patches_in(data), expected) << "killed at point " << point;
  }
}

TEST(InterruptedIndex, SaysSoKeepsItsStateAndResumes) {
  const TempDir folder;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run(index_command(folder.path() / "undisturbed")).exit_code, 0);
  auto delay = (std::chrono::steady_clock::now() - start) / 2;

  std::string data;
  for (int attempt = 1; data.empty(); ++attempt) {
    // A run that was quicker than the first one is tried again, with less time.
    ASSERT_LT(attempt, 10);
    const std::string interrupted = folder.path() / ("interrupted" + std::to_string(attempt));
    Program program(index_command(interrupted));
    std::this_thread::sleep_for(delay);
    program.send(SIGINT);
    const int exit_code = program.wait();
    if (exit_code == 130) {
      EXPECT_THAT(program.err(), testing::HasSubstr("the same command goes on"));
      data = interrupted;
    } else {
      ASSERT_EQ(exit_code, 0) << program.err();
      delay = delay * 3 / 4;
    }
  }
  ASSERT_EQ(run(index_command(data)).exit_code, 0);
  EXPECT_EQ(patches_in(data), patches_in(folder.path() / "undisturbed"));
}

}  // namespace
}  // namespace clippath::test
