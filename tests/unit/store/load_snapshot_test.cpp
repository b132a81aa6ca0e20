// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "clippath/generation.h"
#include "core/json/json.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::kOtherEncoder;
using test::kTestEncoder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Every vector of the records lies in the row of its record.
void expect_right(const Snapshot& snapshot, const Records& records) {
  std::int64_t patches = 0;
  const auto visit = [&](const SlideRecord& slide, PatchRow&& row) -> Result<void> {
    ++patches;
    const auto place = snapshot.patch_row.find(row.record.id.value);
    if (place == snapshot.patch_row.end()) return fail(ErrorKind::kInternal, row.record.id.value);
    const auto index = static_cast<std::size_t>(place->second);
    EXPECT_EQ(snapshot.patches[index].id, row.record.id);
    EXPECT_EQ(snapshot.patches[index].picture_hash, row.record.picture_hash);
    EXPECT_EQ(snapshot.slides[snapshot.patch_slide[index]].id, slide.id);
    EXPECT_EQ(snapshot.patch_vectors->vector(place->second), row.vector);
    return {};
  };
  const auto visited = records.each_patch(visit);
  ASSERT_TRUE(visited) << visited.error().message;
  EXPECT_EQ(std::ssize(snapshot.patches), patches);
  if (patches == 0) {
    EXPECT_EQ(snapshot.patch_vectors, nullptr);
  } else {
    EXPECT_EQ(snapshot.patch_vectors->rows(), patches);
  }
}

class LoadSnapshotTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return folder_.path() / "data"; }
  std::unique_ptr<DataFolder> open(Access access = Access::kWrite) {
    auto folder = DataFolder::open(path(), access, "test");
    EXPECT_TRUE(folder) << folder.error().message;
    if (!folder) return nullptr;
    if (access == Access::kWrite) adopt(**folder, kTestEncoder);
    return std::move(*folder);
  }
  void adopt(DataFolder& folder, const EncoderId& encoder) const {
    const fs::path model = folder_.path() / "model";
    fs::create_directories(model);
    std::ofstream(model / "config.json") << "{}";
    ASSERT_TRUE(folder.adopt_encoder({encoder, "demo", test::kTestDimension}, model));
  }
  static std::shared_ptr<const Snapshot> load(DataFolder& folder, Access access = Access::kWrite) {
    auto snapshot = load_snapshot(folder, access);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    return snapshot ? *snapshot : std::make_shared<const Snapshot>();
  }
  void write_some() {
    const auto folder = open();
    ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("s2"), CaseId("a"), 1024, 40, 1));
    ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("s1"), CaseId("b"), 1024, 25, 2));
    ASSERT_TRUE(folder->records().put_reports(
        test::encoded(std::vector<ReportRow>{test::test_report(ReportId("r2"), CaseId("a"), 1),
                                             test::test_report(ReportId("r1"), CaseId("b"), 2)}),
        {kTestEncoder}));
  }
  [[nodiscard]] fs::path generation(std::uint64_t number) const {
    return path() / "generations" / std::to_string(number);
  }
  [[nodiscard]] std::set<std::string> generations() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(path() / "generations"))
      names.insert(entry.path().filename().string());
    return names;
  }

  test::TempDir folder_;
};

TEST_F(LoadSnapshotTest, OfAnEmptyFolderHoldsNothing) {
  const auto folder = open();
  const auto snapshot = load(*folder);
  EXPECT_EQ(snapshot->generation, 0U);
  EXPECT_EQ(snapshot->patch_vectors, nullptr);
  EXPECT_EQ(snapshot->report_vectors, nullptr);
  EXPECT_THAT(snapshot->notes, IsEmpty());
  EXPECT_FALSE(fs::exists(path() / "generations"));
}

TEST_F(LoadSnapshotTest, BuildsOnceAndLoadsFromThenOn) {
  write_some();
  {
    const auto folder = open();
    const auto built = load(*folder);
    EXPECT_EQ(built->generation, 1U);
    EXPECT_THAT(built->notes, IsEmpty());
    expect_right(*built, folder->records());
  }
  const auto written = fs::last_write_time(generation(1) / "vectors.faiss");
  for (const Access access : {Access::kWrite, Access::kRead}) {
    const auto folder = open(access);
    const auto loaded = load(*folder, access);
    EXPECT_EQ(loaded->generation, 1U);
    EXPECT_THAT(loaded->notes, IsEmpty());
    expect_right(*loaded, folder->records());
  }
  EXPECT_EQ(fs::last_write_time(generation(1) / "vectors.faiss"), written);
  EXPECT_THAT(generations(), ElementsAre("1", "2")) << "one of patches, one of reports";
}

TEST_F(LoadSnapshotTest, OrdersRowsBySlideSeriesAndPlace) {
  const auto folder = open();
  const SlideId slide("s");
  auto writer = folder->records().write_slide(slide, {kTestEncoder});
  ASSERT_TRUE(writer);
  std::vector<PatchRow> small = test::test_patches(slide, 100, 12, 1);
  std::ranges::reverse(small);
  std::vector<PatchRow> unplaced;
  for (const char* stem : {"zebra", "ant"}) {
    PatchRow row = small[0];
    row.record.id = make_patch_id(slide, stem);
    row.record.rect.reset();
    unplaced.push_back(row);
  }
  ASSERT_TRUE((*writer)->append(0, test::encoded(unplaced)));
  ASSERT_TRUE((*writer)->append(200, test::encoded(test::test_patches(slide, 200, 1, 1))));
  ASSERT_TRUE((*writer)->append(100, test::encoded(small)));
  ASSERT_TRUE((*writer)->complete(test::test_slide(slide, CaseId("m"), {0, 100, 200})));
  ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("z"), CaseId("a"), 50, 1, 1));
  ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("a"), CaseId("z"), 50, 1, 1));

  const auto snapshot = load(*folder);
  expect_right(*snapshot, folder->records());
  std::vector<std::string> order;
  for (const PatchRecord& patch : snapshot->patches) order.push_back(patch.id.value);
  EXPECT_THAT(order, ElementsAre("z~0_0_50", "s~0_0_100", "s~100_0_100", "s~200_0_100",
                                 "s~300_0_100", "s~400_0_100", "s~500_0_100", "s~600_0_100",
                                 "s~700_0_100", "s~800_0_100", "s~900_0_100", "s~0_100_100",
                                 "s~100_100_100", "s~0_0_200", "s~ant", "s~zebra", "a~0_0_50"));
  EXPECT_EQ(snapshot->slide_index.at("z"), 0U);
  EXPECT_EQ(snapshot->slides[1].id, slide);
}

TEST_F(LoadSnapshotTest, OrdersReportsByCase) {
  write_some();
  const auto folder = open();
  const auto snapshot = load(*folder);
  ASSERT_EQ(snapshot->reports.size(), 2U);
  EXPECT_EQ(snapshot->reports[0].id.value, "r2");
  EXPECT_EQ(snapshot->report_row.at("r1"), 1);
  EXPECT_EQ(snapshot->report_vectors->vector(1), test::exact_unit_vector(2));
}

TEST_F(LoadSnapshotTest, RebuildsWhatTheRecordsHaveOutgrown) {
  write_some();
  const auto folder = open();
  load(*folder);
  ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("s1"), CaseId("b"), 1024, 30, 9));
  const auto snapshot = load(*folder);
  expect_right(*snapshot, folder->records());
  EXPECT_EQ(snapshot->generation, 3U);
  EXPECT_THAT(snapshot->notes, ElementsAre(HasSubstr("generation 1 of patches")));
  EXPECT_FALSE(fs::exists(path() / "quarantine"));
}

TEST_F(LoadSnapshotTest, KeepsThePreviousGenerationAndThoseOfTheOtherCollection) {
  write_some();
  const auto folder = open();
  for (unsigned i = 0; i < 5; ++i) {
    load(*folder);
    ASSERT_TRUE(test::write_test_slide(folder->records(), SlideId("s1"), CaseId("b"), 1024, 5, i));
  }
  EXPECT_THAT(generations(), ElementsAre("2", "5", "6"));
}

TEST_F(LoadSnapshotTest, WritesNothingWhenReading) {
  write_some();
  const auto folder = open(Access::kRead);
  const auto snapshot = load(*folder, Access::kRead);
  EXPECT_EQ(snapshot->generation, 0U);
  expect_right(*snapshot, folder->records());
  EXPECT_FALSE(fs::exists(path() / "generations"));
}

TEST_F(LoadSnapshotTest, MendsEveryFlippedOrMissingByte) {
  write_some();
  const auto folder = open();
  load(*folder);
  std::uint64_t current = 1;
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const fs::path file = generation(current) / (seed % 3 == 0 ? "manifest.json" : "vectors.faiss");
    const auto size = fs::file_size(file);
    if (seed % 10 == 0) {
      fs::remove(file);
    } else if (seed % 10 == 1) {
      fs::resize_file(file, random() % size);
    } else if (seed % 10 == 2) {
      fs::remove_all(generation(current));
    } else {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      const auto place = static_cast<std::streamoff>(random() % size);
      stream.seekg(place);
      const char byte = static_cast<char>(stream.get() ^ (1 << (random() % 8)));
      stream.seekp(place);
      stream.put(byte);
    }
    const auto in_memory = load(*folder, Access::kRead);
    EXPECT_EQ(in_memory->generation, 0U);
    EXPECT_THAT(in_memory->notes, ElementsAre(HasSubstr("of patches")));
    expect_right(*in_memory, folder->records());
    const auto snapshot = load(*folder);
    EXPECT_THAT(snapshot->notes, ElementsAre(HasSubstr("rebuilt")));
    EXPECT_GT(snapshot->generation, current);
    expect_right(*snapshot, folder->records());
    current = snapshot->generation;
    EXPECT_THAT(load(*folder)->notes, IsEmpty()) << "it is mended for good";
  }
  EXPECT_FALSE(fs::is_empty(path() / "quarantine"));
}

TEST_F(LoadSnapshotTest, DistrustsAnIndexThatOnlyAgreesWithItself) {
  write_some();
  const auto folder = open();
  load(*folder);
  // A whole and rightly hashed generation, but of other rows.
  const std::string text = *read_text_file(generation(1) / "manifest.json", 65536);
  Json json = *parse_json(text);
  json["ids_hash"] = "0123456789abcdef";
  const std::string forged = to_text(json);
  std::ofstream(generation(1) / "manifest.json") << forged;
  Sha256 digest;
  digest.update(forged);
  ASSERT_TRUE(folder->records().set_current_generation(Collection::kPatches, kTestEncoder,
                                                       {1, to_hex(digest.finish())}));
  const auto snapshot = load(*folder);
  EXPECT_THAT(snapshot->notes, ElementsAre(HasSubstr("its rows are not those of the records")));
  expect_right(*snapshot, folder->records());
}

TEST_F(LoadSnapshotTest, SurvivesHostileManifests) {
  write_some();
  const auto folder = open();
  load(*folder);
  const Json good = *parse_json(*read_text_file(generation(1) / "manifest.json", 65536));
  std::vector<std::string> hostile = {"", "null", std::string(1000, '['), std::string(100'000, ' '),
                                      "{\"format\":1e400}"};
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, Json>>{{"rows", INT64_MAX},
                                                           {"rows", 1},
                                                           {"dim", 65536},
                                                           {"dim", 8},
                                                           {"generation", 2},
                                                           {"collection", "reports"}}) {
    Json json = good;
    json[key] = value;
    hostile.push_back(to_text(json));
  }
  for (const std::string& text : hostile) {
    SCOPED_TRACE(text.substr(0, 200));
    const auto current = folder->records().current_generation(Collection::kPatches, kTestEncoder);
    std::ofstream(generation((*current)->number) / "manifest.json") << text;
    Sha256 digest;
    digest.update(text);
    ASSERT_TRUE(folder->records().set_current_generation(
        Collection::kPatches, kTestEncoder, {(*current)->number, to_hex(digest.finish())}));
    const auto snapshot = load(*folder);
    EXPECT_THAT(snapshot->notes, ElementsAre(HasSubstr("rebuilt")));
    expect_right(*snapshot, folder->records());
  }
}

TEST_F(LoadSnapshotTest, HoldsTheRowsOfOneEncoder) {
  write_some();  // by the test encoder alone
  const auto folder = open();
  adopt(*folder, kOtherEncoder);
  const SlideId slide("both");
  auto writer = folder->records().write_slide(slide, {kTestEncoder, kOtherEncoder});
  ASSERT_TRUE(writer);
  std::vector<EncodedPatch> rows = test::encoded(test::test_patches(slide, 1024, 7, 3));
  for (EncodedPatch& row : rows) {
    row.vectors.push_back(test::exact_unit_vector(row.record.picture_hash + 1));
  }
  ASSERT_TRUE((*writer)->append(1024, rows));
  SlideRecord record = test::test_slide(slide, CaseId("c"), {1024});
  record.encoders = {kTestEncoder, kOtherEncoder};
  ASSERT_TRUE((*writer)->complete(record));

  const auto first = *load_snapshot(*folder, Access::kWrite);
  const auto other = *load_snapshot(*folder, Access::kWrite, kOtherEncoder);
  EXPECT_EQ(first->encoder, kTestEncoder);
  EXPECT_EQ(first->patches.size(), 72U);
  expect_right(*first, folder->records());
  EXPECT_EQ(other->encoder, kOtherEncoder);
  ASSERT_EQ(other->slides.size(), 1U);
  ASSERT_EQ(other->patches.size(), 7U);
  for (std::size_t row = 0; row < other->patches.size(); ++row) {
    EXPECT_EQ(other->patch_vectors->vector(static_cast<std::int64_t>(row)),
              test::exact_unit_vector(other->patches[row].picture_hash + 1));
  }
  EXPECT_EQ(other->report_vectors, nullptr);
  EXPECT_EQ(other->reports.size(), 2U) << "reports stand beside hits, with or without a vector";
  // Each has its own generations, and neither makes the other stale.
  EXPECT_EQ((*load_snapshot(*folder, Access::kWrite))->generation, first->generation);
  EXPECT_EQ((*load_snapshot(*folder, Access::kWrite, kOtherEncoder))->generation,
            other->generation);
  EXPECT_NE(first->generation, other->generation);
}

TEST_F(LoadSnapshotTest, CountsOnAfterAGenerationWithoutItsCommit) {
  write_some();
  fs::create_directories(generation(7));
  const auto folder = open();
  EXPECT_EQ(load(*folder)->generation, 8U);
}

}  // namespace
}  // namespace clippath
