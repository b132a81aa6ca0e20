// SPDX-License-Identifier: Apache-2.0
#include "store/records/ingest_mark.h"

#include <gtest/gtest.h>

#include "store/records/keys.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

std::size_t count_entries(const Database& database, Family family) {
  std::size_t entries = 0;
  const auto count = [&](std::string_view, std::string_view) -> Result<void> {
    ++entries;
    return {};
  };
  EXPECT_TRUE(each_with_prefix(ReadView(database), family, "", count));
  return entries;
}

TEST(IngestMark, LeadsTheNextWriterToWhatAnInterruptedOneLeft) {
  const test::TempDir folder;
  const SlideId slide("s1");
  {
    const auto records = open_records(folder.path() / "records", Access::kWrite);
    ASSERT_TRUE(records);
    ASSERT_TRUE(test::write_test_slide(**records, slide, CaseId("c"), 1024, 30, 1));
  }
  {
    // A new version of the slide in block 1, cut off after its first rows.
    const auto database = Database::open(folder.path() / "records", Access::kWrite);
    ASSERT_TRUE(database);
    rocksdb::WriteBatch batch;
    put_mark(**database, batch, {5, slide, 1, {1, 7}});
    for (std::uint32_t i = 0; i < 9000; ++i) {
      const RecordKey key = patch_key(1, kOrdinalsPerBlock + i);
      (*database)->put(batch, Family::kMeta, encode_key(key), "row");
      (*database)->put(batch, Family::kVectors, vector_key(key), "vector");
    }
    ASSERT_TRUE((*database)->write(batch, Durability::kSynced));
  }
  {
    const auto records = open_records(folder.path() / "records", Access::kWrite);
    ASSERT_TRUE(records);
    EXPECT_EQ(test::visible_patches(**records)->size(), 30U);
  }
  const auto database = Database::open(folder.path() / "records", Access::kRead);
  ASSERT_TRUE(database);
  EXPECT_EQ(count_entries(**database, Family::kJobs), 0U);
  EXPECT_EQ(count_entries(**database, Family::kMeta), 31U) << "the slide and its patches";
  EXPECT_EQ(count_entries(**database, Family::kVectors), 30U);
}

TEST(IngestMark, ThatCannotBeReadStopsTheOpening) {
  const test::TempDir folder;
  open_records(folder.path() / "records", Access::kWrite)->reset();
  {
    const auto database = Database::open(folder.path() / "records", Access::kWrite);
    ASSERT_TRUE(database);
    rocksdb::WriteBatch batch;
    (*database)->put(batch, Family::kJobs, job_key(1), R"({"kind":"ingest","blocks":[900]})");
    ASSERT_TRUE((*database)->write(batch, Durability::kSynced));
  }
  const auto records = open_records(folder.path() / "records", Access::kWrite);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace clippath
