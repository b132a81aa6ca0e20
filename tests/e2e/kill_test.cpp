// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
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
  // Twice: what runs beside a test may slow one of them down.
  auto undisturbed_time = std::chrono::steady_clock::duration::max();
  for (const char* name : {"undisturbed", "again"}) {
    const auto start = std::chrono::steady_clock::now();
    ASSERT_EQ(run(index_command(folder.path() / name)).exit_code, 0);
    undisturbed_time = std::min(undisturbed_time, std::chrono::steady_clock::now() - start);
  }
  const auto expected = patches_in(folder.path() / "undisturbed");
  ASSERT_GT(expected.size(), 100U);

  int killed_while_running = 0;
  for (int point = 1; point <= kKillPoints; ++point) {
    const std::string data = folder.path() / ("killed" + std::to_string(point));
    {
      Program program(index_command(data));
      std::this_thread::sleep_for(undisturbed_time * point / (kKillPoints + 1));
      program.send(SIGKILL);
      killed_while_running += program.wait() == 128 + SIGKILL ? 1 : 0;
    }
    const Finished resumed = run(index_command(data));
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    ASSERT_EQ(patches_in(data), expected) << "killed at point " << point;
  }
  // A machine that is faster the second time may be done before the last points.
  EXPECT_GE(killed_while_running, kKillPoints - 3);
}

TEST(InterruptedIndex, SaysSoKeepsItsStateAndResumes) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  Program program(index_command(data));
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  program.send(SIGINT);
  const int exit_code = program.wait();
  EXPECT_TRUE(exit_code == 130 || exit_code == 0) << exit_code << program.err();
  ASSERT_EQ(run(index_command(data)).exit_code, 0);
  ASSERT_EQ(run(index_command(folder.path() / "undisturbed")).exit_code, 0);
  EXPECT_EQ(patches_in(data), patches_in(folder.path() / "undisturbed"));
}

}  // namespace
}  // namespace clippath::test
