// SPDX-License-Identifier: Apache-2.0
#include "clippath/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

using test::kOtherEncoder;
using test::kTestEncoder;
using test::TempDir;
using test::test_patches;
using test::test_slide;
using test::visible_patches;
using test::write_test_slide;

const SlideId kSlide("s1");
const CaseId kCase("c1");

std::vector<std::string> descriptions(const std::vector<PatchRow>& rows) {
  std::vector<std::string> all;
  for (const PatchRow& row : rows) all.push_back(test::describe(row));
  return all;
}

std::vector<std::string> visible(const Records& records) {
  const auto rows = visible_patches(records);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? descriptions(*rows) : std::vector<std::string>();
}

class RecordsTest : public testing::Test {
 protected:
  std::unique_ptr<Records> open(Access access = Access::kWrite) {
    auto records = open_records(folder_.path() / "records", access);
    EXPECT_TRUE(records) << records.error().message;
    return records ? std::move(*records) : nullptr;
  }

  static void expect_sound(const Records& records) {
    const auto findings = records.verify();
    ASSERT_TRUE(findings) << findings.error().message;
    EXPECT_THAT(*findings, testing::IsEmpty());
  }

  TempDir folder_;
};

TEST_F(RecordsTest, KeepASlideWithItsPatchesOverAReopening) {
  const std::vector<PatchRow> rows = test_patches(kSlide, 1024, 700, 1);
  {
    const auto records = open();
    ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 700, 1));
  }
  for (const Access access : {Access::kWrite, Access::kRead}) {
    const auto records = open(access);
    const auto slide = records->find_slide(kSlide);
    ASSERT_TRUE(slide && *slide);
    EXPECT_EQ((*slide)->case_id, kCase);
    ASSERT_EQ((*slide)->series.size(), 1U);
    EXPECT_EQ((*slide)->series[0].count, 700U);
    EXPECT_EQ(visible(*records), descriptions(rows));
    const auto patch = records->find_patch(rows[300].record.id);
    ASSERT_TRUE(patch && *patch);
    EXPECT_EQ(test::describe(**patch), test::describe(rows[300]));
    expect_sound(*records);
  }
}

TEST_F(RecordsTest, HideASlideUntilItIsComplete) {
  const auto records = open();
  auto writer = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(writer);
  const std::vector<PatchRow> rows = test_patches(kSlide, 1024, 300, 1);
  ASSERT_TRUE((*writer)->append(1024, test::encoded(rows)));
  EXPECT_THAT(visible(*records), testing::IsEmpty());
  EXPECT_FALSE(*records->find_slide(kSlide));
  EXPECT_FALSE(*records->find_patch(rows[0].record.id));
  EXPECT_EQ(*records->sequence(Collection::kPatches), 0U);
  expect_sound(*records);
}

TEST_F(RecordsTest, ForgetADroppedWriter) {
  const auto records = open();
  {
    auto writer = records->write_slide(kSlide, {kTestEncoder});
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->append(1024, test::encoded(test_patches(kSlide, 1024, 600, 1))));
  }
  ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 10, 2));
  EXPECT_EQ(visible(*records), descriptions(test_patches(kSlide, 1024, 10, 2)));
  expect_sound(*records);
}

TEST_F(RecordsTest, ReplaceOneSeriesAndKeepTheOthers) {
  const auto records = open();
  auto writer = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(writer);
  // As an index run does it: one pass over the slide, the series side by side.
  const std::vector<PatchRow> small = test_patches(kSlide, 1024, 500, 1);
  const std::vector<PatchRow> large = test_patches(kSlide, 2048, 90, 1);
  ASSERT_TRUE((*writer)->append(
      1024, test::encoded(std::vector<PatchRow>{small.begin(), small.begin() + 290})));
  ASSERT_TRUE((*writer)->append(
      2048, test::encoded(std::vector<PatchRow>{large.begin(), large.begin() + 50})));
  ASSERT_TRUE((*writer)->append(
      1024, test::encoded(std::vector<PatchRow>{small.begin() + 290, small.end()})));
  ASSERT_TRUE((*writer)->append(
      2048, test::encoded(std::vector<PatchRow>{large.begin() + 50, large.end()})));
  ASSERT_TRUE((*writer)->complete(test_slide(kSlide, kCase, {1024, 2048})));
  writer->reset();

  ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 300, 7));
  const auto slide = records->find_slide(kSlide);
  ASSERT_TRUE(slide && *slide);
  ASSERT_EQ((*slide)->series.size(), 2U);
  EXPECT_EQ((*slide)->series[0].count, 300U);
  EXPECT_EQ((*slide)->series[1].count, 90U);

  std::vector<std::string> expected = descriptions(large);
  for (const std::string& text : descriptions(test_patches(kSlide, 1024, 300, 7)))
    expected.push_back(text);
  EXPECT_THAT(visible(*records), testing::UnorderedElementsAreArray(expected));
  EXPECT_FALSE(*records->find_patch(small[400].record.id)) << "the new series has fewer";
  const auto again = records->find_patch(small[200].record.id);
  ASSERT_TRUE(again && *again);
  EXPECT_EQ((*again)->record.picture_hash, 7'000'021U + 200U);
  expect_sound(*records);
}

TEST_F(RecordsTest, EmptyASeriesThatIsNamedWithoutPatches) {
  const auto records = open();
  ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 20, 1));
  auto writer = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(writer && (*writer)->complete(test_slide(kSlide, kCase, {1024})));
  EXPECT_THAT(visible(*records), testing::IsEmpty());
  EXPECT_TRUE(*records->find_slide(kSlide));
  expect_sound(*records);
}

TEST_F(RecordsTest, ReplaceTheSameSeriesManyTimes) {
  const auto records = open();
  for (unsigned version = 1; version <= 30; ++version)
    ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 20 + version, version));
  EXPECT_EQ(visible(*records), descriptions(test_patches(kSlide, 1024, 50, 30)));
  EXPECT_EQ(*records->sequence(Collection::kPatches), 30U);
  expect_sound(*records);
}

TEST_F(RecordsTest, VisitPatchesInOrderOfCaseAndSlide) {
  const auto records = open();
  ASSERT_TRUE(write_test_slide(*records, SlideId("a"), CaseId("z"), 1024, 2, 1));
  ASSERT_TRUE(write_test_slide(*records, SlideId("c"), CaseId("b"), 1024, 2, 1));
  ASSERT_TRUE(write_test_slide(*records, SlideId("b"), CaseId("b"), 1024, 2, 1));
  std::vector<std::string> order;
  const auto visit = [&](const SlideRecord& slide, PatchRow&&) -> Result<void> {
    order.push_back(slide.id.value);
    return {};
  };
  ASSERT_TRUE(records->each_patch(visit));
  EXPECT_THAT(order, testing::ElementsAre("b", "b", "c", "c", "a", "a"));
}

TEST_F(RecordsTest, StopAVisitAtItsFirstError) {
  const auto records = open();
  ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 9, 1));
  int visited = 0;
  const auto visit = [&](const SlideRecord&, PatchRow&&) -> Result<void> {
    if (++visited == 4) return fail(ErrorKind::kDeadlineExceeded, "enough");
    return {};
  };
  const auto result = records->each_patch(visit);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kDeadlineExceeded);
  EXPECT_EQ(visited, 4);
}

TEST_F(RecordsTest, TakeSeveralSlidesFromSeveralThreads) {
  const auto records = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const SlideId slide(std::to_string(t) + "-" + std::to_string(i));
        const auto written = write_test_slide(*records, slide, kCase, 1024, 300,
                                              static_cast<std::uint64_t>(100 * t + i));
        EXPECT_TRUE(written) << written.error().message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(records->slides()->size(), 40U);
  EXPECT_EQ(visible(*records).size(), 40U * 300U);
  EXPECT_EQ(*records->sequence(Collection::kPatches), 40U);
  expect_sound(*records);
}

TEST_F(RecordsTest, LetOneWriterAtATimeHaveASlide) {
  const auto records = open();
  auto first = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(first);
  const auto second = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kFailedPrecondition);
  first->reset();
  EXPECT_TRUE(records->write_slide(kSlide, {kTestEncoder}));
}

TEST_F(RecordsTest, RefusePatchesThatAreNotTheSlides) {
  const auto records = open();
  auto writer = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(writer);
  const auto refused = [&](const std::vector<PatchRow>& rows) {
    const auto result = (*writer)->append(1024, test::encoded(rows));
    return !result && result.error().kind == ErrorKind::kInvalidArgument;
  };
  EXPECT_TRUE(refused(test_patches(SlideId("other"), 1024, 1, 1)));
  ASSERT_TRUE((*writer)->append(1024, test::encoded(test_patches(kSlide, 1024, 3, 1))));
  EXPECT_TRUE(refused(test_patches(kSlide, 1024, 1, 1))) << "an id a second time";
  std::vector<PatchRow> twice = test_patches(kSlide, 512, 1, 1);
  twice.push_back(twice[0]);
  EXPECT_TRUE(refused(twice)) << "an id twice in one call";
  std::vector<PatchRow> wider = test_patches(kSlide, 512, 1, 1, 32);
  EXPECT_TRUE(refused(wider)) << "another dimension";
  std::vector<PatchRow> longer = test_patches(kSlide, 512, 1, 1);
  for (float& value : longer[0].vector) value *= 2;
  EXPECT_TRUE(refused(longer)) << "not of unit length";
  ASSERT_TRUE((*writer)->complete(test_slide(kSlide, kCase, {1024})));
  EXPECT_EQ(visible(*records).size(), 3U);
}

TEST_F(RecordsTest, RefuseASlideThatDoesNotNameItsSeries) {
  const auto records = open();
  auto writer = records->write_slide(kSlide, {kTestEncoder});
  ASSERT_TRUE(writer && (*writer)->append(1024, test::encoded(test_patches(kSlide, 1024, 3, 1))));
  SlideRecord other_encoder = test_slide(kSlide, kCase, {1024});
  other_encoder.encoders = {kOtherEncoder};
  for (const SlideRecord& wrong : {test_slide(kSlide, kCase, {2048}),
                                   test_slide(SlideId("s2"), kCase, {1024}), other_encoder}) {
    const auto result = (*writer)->complete(wrong);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
  }
  EXPECT_TRUE((*writer)->complete(test_slide(kSlide, kCase, {1024})));
}

/// A row with a second vector, by kOtherEncoder.
std::vector<EncodedPatch> encoded_twice(const std::vector<PatchRow>& rows) {
  std::vector<EncodedPatch> all = test::encoded(rows);
  for (EncodedPatch& row : all) {
    row.vectors.push_back(
        test::exact_unit_vector(row.record.picture_hash + 1, 2 * test::kTestDimension));
  }
  return all;
}

TEST_F(RecordsTest, KeepAVectorOfEachEncoder) {
  const std::vector<PatchRow> rows = test_patches(kSlide, 1024, 300, 1);
  {
    const auto records = open();
    auto writer = records->write_slide(kSlide, {kTestEncoder, kOtherEncoder});
    ASSERT_TRUE(writer && (*writer)->append(1024, encoded_twice(rows)));
    SlideRecord slide = test_slide(kSlide, kCase, {1024});
    slide.encoders = {kTestEncoder, kOtherEncoder};
    ASSERT_TRUE((*writer)->complete(slide));
    ASSERT_TRUE(write_test_slide(*records, SlideId("s2"), kCase, 1024, 2, 9));
  }
  const auto records = open(Access::kRead);
  expect_sound(*records);
  std::size_t seen = 0;
  const auto check = [&](const SlideRecord&, PatchRow&& row) -> Result<void> {
    EXPECT_EQ(row.vector,
              test::exact_unit_vector(row.record.picture_hash + 1, 2 * test::kTestDimension));
    ++seen;
    return {};
  };
  ASSERT_TRUE(records->each_patch(check, kOtherEncoder));
  EXPECT_EQ(seen, 300U) << "the other slide has no vector of this encoder";
  EXPECT_EQ(visible(*records).size(), 302U);
  const PatchId id = rows[200].record.id;
  EXPECT_EQ((*records->find_patch(id))->vector, rows[200].vector);
  EXPECT_EQ((*records->find_patch(id, kOtherEncoder))->vector.size(), 2 * test::kTestDimension);
  EXPECT_FALSE(*records->find_patch(PatchId("s2~0_0_1024"), kOtherEncoder));
  EXPECT_FALSE(*records->find_patch(id, EncoderId(std::string(32, '0'))));
}

TEST_F(RecordsTest, RefuseRowsThatLackAVector) {
  const auto records = open();
  auto writer = records->write_slide(kSlide, {kTestEncoder, kOtherEncoder});
  ASSERT_TRUE(writer);
  const auto rows = test_patches(kSlide, 1024, 3, 1);
  EXPECT_FALSE((*writer)->append(1024, test::encoded(rows)));
  ASSERT_TRUE((*writer)->append(1024, encoded_twice(rows)));
  auto swapped = encoded_twice(test_patches(kSlide, 2048, 1, 1));
  std::swap(swapped[0].vectors[0], swapped[0].vectors[1]);
  EXPECT_FALSE((*writer)->append(2048, swapped)) << "dimensions of the wrong encoder";
  EXPECT_FALSE(records->write_slide(SlideId("s2"), {}));
  EXPECT_FALSE(records->write_slide(SlideId("s2"), {kTestEncoder, kTestEncoder}));
}

TEST_F(RecordsTest, DropTheVectorsOfAnEncoderThatAReportNoLongerHas) {
  const auto records = open();
  EncodedReport report{test::test_report(ReportId("r"), kCase, 1).record,
                       {test::exact_unit_vector(1), test::exact_unit_vector(2)}};
  ASSERT_TRUE(records->put_reports({report}, {kTestEncoder, kOtherEncoder}));
  EXPECT_EQ((*records->find_report(ReportId("r"), kOtherEncoder))->vector,
            test::exact_unit_vector(2));
  EXPECT_FALSE(records->put_reports({report}, {kTestEncoder})) << "one vector too many";
  report.vectors = {test::exact_unit_vector(3)};
  ASSERT_TRUE(records->put_reports({report}, {kOtherEncoder}));
  EXPECT_FALSE(*records->find_report(ReportId("r"), kTestEncoder));
  EXPECT_EQ((*records->find_report(ReportId("r"), kOtherEncoder))->vector,
            test::exact_unit_vector(3));
  expect_sound(*records);
}

TEST_F(RecordsTest, NeverLetSeriesOfOtherEncodersShareASlide) {
  const auto records = open();
  ASSERT_TRUE(write_test_slide(*records, kSlide, kCase, 1024, 3, 1));
  auto writer = records->write_slide(kSlide, {kOtherEncoder});
  ASSERT_TRUE(writer && (*writer)->append(2048, test::encoded(test_patches(kSlide, 2048, 3, 1))));
  SlideRecord slide = test_slide(kSlide, kCase, {2048});
  slide.encoders = {kOtherEncoder};
  const auto result = (*writer)->complete(slide);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "encoder_mismatch");
}

TEST_F(RecordsTest, RefuseIdsThatAreNone) {
  const auto records = open();
  EXPECT_FALSE(records->write_slide(SlideId(""), {kTestEncoder}));
  EXPECT_FALSE(records->write_slide(SlideId("a~b"), {kTestEncoder}));
  EXPECT_FALSE(records->write_slide(SlideId(std::string(129, 'a')), {kTestEncoder}));
  EXPECT_FALSE(records->write_slide(kSlide, {EncoderId("demo")}));
  EXPECT_TRUE(records->write_slide(kSlide, {kTestEncoder})) << "the slide was given back";
}

TEST_F(RecordsTest, WriteNothingWhenOpenedForReading) {
  open().reset();
  std::map<std::string, std::filesystem::file_time_type> before;
  const auto files = [&] {
    std::map<std::string, std::filesystem::file_time_type> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "records"))
      all[entry.path().filename()] = entry.last_write_time();
    return all;
  };
  before = files();
  {
    const auto records = open(Access::kRead);
    EXPECT_FALSE(records->write_slide(kSlide, {kTestEncoder}));
    EXPECT_FALSE(records->put_reports({}, {kTestEncoder}));
    EXPECT_FALSE(records->set_current_generation(Collection::kPatches, kTestEncoder, {1, "x"}));
    EXPECT_TRUE(records->slides());
    EXPECT_TRUE(records->verify());
  }
  EXPECT_EQ(files(), before);
}

TEST_F(RecordsTest, AreNotThereForReadingBeforeTheyWereWritten) {
  const auto records = open_records(folder_.path() / "records", Access::kRead);
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().kind, ErrorKind::kNotFound);
}

TEST_F(RecordsTest, KeepReportsAndReplaceThemById) {
  const std::vector<ReportRow> first = {test::test_report(ReportId("r2"), CaseId("a"), 1),
                                        test::test_report(ReportId("r1"), CaseId("b"), 2)};
  {
    const auto records = open();
    ASSERT_TRUE(records->put_reports(test::encoded(first), {kTestEncoder}));
    ASSERT_TRUE(records->put_reports(
        test::encoded(std::vector<ReportRow>{test::test_report(ReportId("r1"), CaseId("b"), 3),
                                             test::test_report(ReportId("r3"), CaseId("a"), 4)}),
        {kTestEncoder}));
    EXPECT_EQ(*records->sequence(Collection::kReports), 2U);
    EXPECT_EQ(*records->sequence(Collection::kPatches), 0U);
  }
  const auto records = open();
  const auto report = records->find_report(ReportId("r1"));
  ASSERT_TRUE(report && *report);
  EXPECT_EQ((*report)->record.text, "Text of report r1, version 3");
  EXPECT_EQ((*report)->vector, test::exact_unit_vector(3));
  EXPECT_FALSE(*records->find_report(ReportId("r9")));

  std::vector<std::string> by_id;
  const auto reports = records->reports();
  ASSERT_TRUE(reports);
  for (const ReportRecord& record : *reports) by_id.push_back(record.id.value);
  EXPECT_THAT(by_id, testing::ElementsAre("r1", "r2", "r3"));
  std::vector<std::string> by_case;
  const auto visit = [&](ReportRow&& row) -> Result<void> {
    by_case.push_back(row.record.id.value);
    return {};
  };
  ASSERT_TRUE(records->each_report(visit));
  EXPECT_THAT(by_case, testing::ElementsAre("r2", "r3", "r1"));
  // A number that is given twice would put one report over another.
  ASSERT_TRUE(records->put_reports(
      test::encoded(std::vector<ReportRow>{test::test_report(ReportId("r4"), CaseId("a"), 5)}),
      {kTestEncoder}));
  EXPECT_EQ(records->reports()->size(), 4U);
  expect_sound(*records);
}

TEST_F(RecordsTest, TakeTheLastOfTwoReportsWithOneId) {
  const auto records = open();
  ASSERT_TRUE(records->put_reports(
      test::encoded(std::vector<ReportRow>{test::test_report(ReportId("r"), kCase, 1),
                                           test::test_report(ReportId("r"), kCase, 2)}),
      {kTestEncoder}));
  EXPECT_EQ((*records->find_report(ReportId("r")))->record.text, "Text of report r, version 2");
  EXPECT_EQ(records->reports()->size(), 1U);
  expect_sound(*records);
}

TEST_F(RecordsTest, RememberTheCurrentGenerationOfEachCollectionAndEncoder) {
  {
    const auto records = open();
    EXPECT_FALSE(*records->current_generation(Collection::kPatches, kTestEncoder));
    ASSERT_TRUE(records->set_current_generation(Collection::kPatches, kTestEncoder, {3, "abc"}));
    ASSERT_TRUE(records->set_current_generation(Collection::kReports, kTestEncoder, {4, "def"}));
    ASSERT_TRUE(records->set_current_generation(Collection::kReports, kOtherEncoder, {5, "ghi"}));
  }
  const auto records = open(Access::kRead);
  const auto current = records->current_generation(Collection::kPatches, kTestEncoder);
  ASSERT_TRUE(current && *current);
  EXPECT_EQ((*current)->number, 3U);
  EXPECT_EQ((*current)->manifest_sha256, "abc");
  EXPECT_EQ((*records->current_generation(Collection::kReports, kTestEncoder))->number, 4U);
}

}  // namespace
}  // namespace clippath
