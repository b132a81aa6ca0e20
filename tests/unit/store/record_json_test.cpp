// SPDX-License-Identifier: Apache-2.0
#include "store/records/record_json.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

SlideRecord full_slide() {
  SlideRecord slide = test::test_slide(SlideId("S=201"), CaseId("C-1"), {1024, 2048});
  slide.objective = 40;
  slide.vendor = "aperio";
  slide.caption = "Squamous cell carcinoma, \"keratinising\"\nµ";
  slide.report_ids = {ReportId("r1"), ReportId("r2")};
  slide.fields = {{"organ", std::string("lung")},
                  {"year", 2019.0},
                  {"fraction", 1.0 / 3},
                  {"resected", true},
                  {"taken", Date{"2019-05-04"}}};
  slide.partial = true;
  slide.indexed_at = 1'700'000'000;
  slide.series[1].first_ordinal = UINT32_MAX;
  slide.series[1].count = 7;
  slide.series[1].extent_um = 512.5;
  slide.series[1].attention = AttentionScores{0.1 + 0.2, {1, 0, 0, 0, 0, 0, 0, 0, 2, 30}};
  slide.series[1].regions_id = "00112233445566778899aabbccddeeff";
  return slide;
}

TEST(SlideJson, GivesBackEveryField) {
  const SlideRecord slide = full_slide();
  const auto text = encode_slide(slide);
  ASSERT_TRUE(text) << text.error().message;
  const auto decoded = decode_slide(*text);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->id, slide.id);
  EXPECT_EQ(decoded->case_id, slide.case_id);
  EXPECT_EQ(decoded->path, slide.path);
  EXPECT_EQ(decoded->fingerprint, slide.fingerprint);
  EXPECT_EQ(decoded->size, slide.size);
  ASSERT_TRUE(decoded->scale);
  EXPECT_EQ(decoded->scale->mpp, slide.scale->mpp);
  EXPECT_EQ(decoded->scale->source, slide.scale->source);
  EXPECT_EQ(decoded->objective, slide.objective);
  EXPECT_EQ(decoded->vendor, slide.vendor);
  EXPECT_EQ(decoded->caption, slide.caption);
  EXPECT_EQ(decoded->report_ids, slide.report_ids);
  EXPECT_EQ(decoded->fields, slide.fields);
  EXPECT_EQ(decoded->encoders, slide.encoders);
  EXPECT_EQ(decoded->partial, slide.partial);
  EXPECT_EQ(decoded->indexed_at, slide.indexed_at);
  ASSERT_EQ(decoded->series.size(), 2U);
  EXPECT_EQ(decoded->series[1].level0_extent, 2048);
  EXPECT_EQ(decoded->series[1].extent_um, 512.5);
  EXPECT_EQ(decoded->series[1].first_ordinal, UINT32_MAX);
  EXPECT_EQ(decoded->series[1].count, 7U);
  EXPECT_EQ(decoded->series[1].pipeline_id, slide.series[1].pipeline_id);
  EXPECT_EQ(decoded->series[1].regions_id, slide.series[1].regions_id);
  EXPECT_TRUE(decoded->series[0].regions_id.empty());
  EXPECT_EQ(decoded->series[1].tiles, slide.series[1].tiles);
  EXPECT_FALSE(decoded->series[0].attention);
  EXPECT_EQ(decoded->series[1].attention, slide.series[1].attention);
  // And nothing that the comparisons above leave out.
  EXPECT_EQ(*encode_slide(*decoded), *text);
}

TEST(SlideJson, KeepsEveryByteOfAPath) {
  SlideRecord slide = full_slide();
  for (const char* path : {"/a/caf\xE9.svs", "/a/caf\xC3\xA9 =41.svs", "/a/\xEF\xBF\xBD.svs", ""}) {
    slide.path = path;
    const auto text = encode_slide(slide);
    ASSERT_TRUE(text) << text.error().message;
    EXPECT_EQ(decode_slide(*text)->path, path);
  }
}

TEST(SlideJson, LeavesUnknownScaleAndObjectiveUnknown) {
  SlideRecord slide = full_slide();
  slide.scale.reset();
  slide.objective.reset();
  const auto decoded = decode_slide(*encode_slide(slide));
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->scale);
  EXPECT_FALSE(decoded->objective);
}

TEST(SlideJson, CallsADamagedHistogramCorruption) {
  const std::string text = *encode_slide(full_slide());
  for (const auto& [from, to] : {std::pair{"[1,0,0", "[0,0"}, std::pair{"[1,0,0", "[1.5,0,0"},
                                 std::pair{"[1,0,0", "[[],0,0"}}) {
    std::string damaged = text;
    const auto at = damaged.find(from);
    ASSERT_NE(at, std::string::npos);
    damaged.replace(at, std::string(from).size(), to);
    const auto decoded = decode_slide(damaged);
    ASSERT_FALSE(decoded) << to;
    EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
  }
}

TEST(SlideJson, RefusesToWriteWhatCannotBeReadBack) {
  SlideRecord slide = full_slide();
  slide.fields["weight"] = std::numeric_limits<double>::quiet_NaN();
  const auto not_finite = encode_slide(slide);
  ASSERT_FALSE(not_finite);
  EXPECT_EQ(not_finite.error().kind, ErrorKind::kInvalidArgument);

  slide = full_slide();
  slide.fields["a\xff"] = true;
  slide.fields["a\xfe"] = true;
  EXPECT_FALSE(encode_slide(slide)) << "both names would be stored as the same";
}

TEST(SlideJson, CallsWhatIsNoRecordCorrupt) {
  const std::string text = *encode_slide(full_slide());
  for (const std::string& damaged :
       {std::string(), std::string("{}"), text.substr(0, text.size() / 2),
        std::string(text).replace(text.find("\"format\":1"), 10, "\"format\":2"),
        std::string(text).replace(text.find("\"case_id\""), 9, "\"case_ix\"")}) {
    const auto decoded = decode_slide(damaged);
    ASSERT_FALSE(decoded) << damaged;
    EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
  }
}

TEST(ReportJson, GivesBackEveryField) {
  ReportRecord report = test::test_report(ReportId("r"), CaseId("c"), 1).record;
  report.slide_id = SlideId("s");
  report.fields = {{"year", 2020.0}};
  report.encoders = {test::kOtherEncoder, test::kTestEncoder};
  report.text = std::string(200'000, 'x');
  const auto decoded = decode_report(*encode_report(report));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->id, report.id);
  EXPECT_EQ(decoded->case_id, report.case_id);
  EXPECT_EQ(decoded->slide_id, report.slide_id);
  EXPECT_EQ(decoded->text, report.text);
  EXPECT_EQ(decoded->caption, report.caption);
  EXPECT_EQ(decoded->fields, report.fields);
  EXPECT_EQ(decoded->encoders, report.encoders);
}

}  // namespace
}  // namespace clippath
