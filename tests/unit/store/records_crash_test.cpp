// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "clippath/data_folder.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/child_process.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

/// Versions that the killed process said were on disk.
using Ledger = std::map<std::string, unsigned>;

void note_acknowledged(test::ChildProcess& child, Ledger& ledger) {
  while (const auto line = child.line()) {
    std::istringstream words(*line);
    std::string slide;
    unsigned version = 0;
    words >> slide >> version;
    ledger[slide] = version;
  }
}

/// Every acknowledged slide is whole, in the acknowledged version or the one that was being
/// completed, and nothing else is visible.
void check_folder(const std::filesystem::path& path, const Ledger& ledger) {
  auto folder = DataFolder::open(path, Access::kWrite, "check");
  ASSERT_TRUE(folder) << folder.error().message;
  const Records& records = (*folder)->records();
  std::map<std::string, std::vector<std::string>> found;
  const auto visit = [&](const SlideRecord& slide, PatchRow&& row) -> Result<void> {
    found[slide.id.value].push_back(test::describe(row));
    return {};
  };
  const auto visited = records.each_patch(visit);
  ASSERT_TRUE(visited) << visited.error().message;

  for (const auto& [slide, version] : ledger)
    ASSERT_TRUE(found.contains(slide)) << slide << " was acknowledged and is gone";
  for (const auto& [slide, rows] : found) {
    const auto acknowledged = ledger.find(slide);
    const unsigned known = acknowledged == ledger.end() ? 0 : acknowledged->second;
    bool matches = false;
    for (unsigned version = std::max(1U, known); version <= known + 1; ++version) {
      std::vector<std::string> expected;
      for (const PatchRow& row :
           test::test_patches(SlideId(slide), 1024, test::patches_of_version(version), version))
        expected.push_back(test::describe(row));
      matches = matches || rows == expected;
    }
    EXPECT_TRUE(matches) << slide << " is not whole; acknowledged version " << known;
  }
  const auto findings = records.verify();
  ASSERT_TRUE(findings) << findings.error().message;
  for (const std::string& finding : *findings) ADD_FAILURE() << finding;
}

TEST(RecordsCrash, LosesNothingAcknowledgedAndShowsNothingElse) {
  std::mt19937_64 random(20240711);
  for (int moment = 0; moment < 10; ++moment) {
    SCOPED_TRACE("moment " + std::to_string(moment));
    test::TempDir folder;
    Ledger ledger;
    test::ChildProcess child({"write", folder.path().string()});
    // From before the first slide to the midst of replaced ones; then somewhere in the next one.
    for (int i = 0; i < moment * 2; ++i) {
      const auto line = child.line();
      ASSERT_TRUE(line) << "the process ended before it was killed";
      std::istringstream words(*line);
      std::string slide;
      words >> slide >> ledger[slide];
    }
    if (moment == 0) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30'000));
    child.kill();
    note_acknowledged(child, ledger);
    check_folder(folder.path(), ledger);
    check_folder(folder.path(), ledger);
  }
}

TEST(RecordsCrash, LetsAKilledRunGoOnInTheSameFolder) {
  test::TempDir folder;
  for (int round = 0; round < 3; ++round) {
    Ledger ledger;
    test::ChildProcess child({"write", folder.path().string()});
    for (int i = 0; i < 7; ++i) {
      const auto line = child.line();
      ASSERT_TRUE(line);
      std::istringstream words(*line);
      std::string slide;
      words >> slide >> ledger[slide];
    }
    child.kill();
    note_acknowledged(child, ledger);
    check_folder(folder.path(), ledger);
  }
}

}  // namespace
}  // namespace clippath
