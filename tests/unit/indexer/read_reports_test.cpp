// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "clippath/reports.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

class ReadReports : public testing::Test {
 protected:
  ReportTable read(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    auto table = read_reports(folder_.path() / name);
    EXPECT_TRUE(table) << table.error().message;
    return table ? std::move(*table) : ReportTable{};
  }
  test::TempDir folder_;
};

TEST_F(ReadReports, ReadsCsv) {
  const ReportTable table = read("r.csv",
                                 "id,case,slide,text,caption,year\n"
                                 "r1,c1,s1,\"Line one,\nline two\",Carcinoma,2020\n"
                                 "r2,,s2,Text,,\n"
                                 "TCGA-CR-7395,,,Text,,\n"
                                 "r4,,,Text,,\n");
  ASSERT_EQ(table.reports.size(), 4U);
  EXPECT_EQ(table.reports[0].text, "Line one,\nline two");
  EXPECT_EQ(table.reports[0].caption, "Carcinoma");
  EXPECT_EQ(table.reports[0].slide_id, SlideId("s1"));
  EXPECT_EQ(table.reports[0].fields, (Fields{{"year", 2020.0}}));
  EXPECT_EQ(table.reports[1].case_id.value, "s2");
  EXPECT_EQ(table.reports[2].case_id.value, "TCGA-CR-7395");
  EXPECT_EQ(table.reports[3].case_id.value, "r4");
}

TEST_F(ReadReports, OneBadRowCostsOneRow) {
  const ReportTable table = read("r.csv", "id,text\na,one\n,two\nc,\na,again\ne,five\n");
  ASSERT_EQ(table.reports.size(), 2U);
  EXPECT_EQ(table.reports[1].id.value, "e");
  ASSERT_EQ(table.rejected.size(), 3U);
  EXPECT_EQ(table.rejected[0].where, "r.csv line 3");
  EXPECT_NE(table.rejected[0].reason.find("id"), std::string::npos);
  EXPECT_NE(table.rejected[2].reason.find("twice"), std::string::npos);
}

TEST_F(ReadReports, ReadsJsonLines) {
  const ReportTable table = read("r.jsonl",
                                 "{\"id\":\"a\",\"text\":\"one\",\"grade\":3,\"checked\":true,"
                                 "\"on\":\"2020-01-31\",\"n\":\"7\"}\n"
                                 "\n"
                                 "{\"id\":\"b\",\"text\":5}\n"
                                 "not json\n"
                                 "{\"id\":\"c\",\"text\":\"x\",\"list\":[1]}\n"
                                 "{\"id\":\"d\",\"text\":\"last\",\"none\":null}");
  ASSERT_EQ(table.reports.size(), 2U);
  EXPECT_EQ(table.reports[0].fields,
            (Fields{{"grade", 3.0}, {"checked", true}, {"on", Date{"2020-01-31"}}, {"n", "7"}}));
  EXPECT_TRUE(table.reports[1].fields.empty());
  ASSERT_EQ(table.rejected.size(), 3U);
  EXPECT_EQ(table.rejected[0].where, "r.jsonl line 3");
  EXPECT_EQ(table.rejected[1].where, "r.jsonl line 4");
}

TEST_F(ReadReports, ReadsATextAsOneReport) {
  const ReportTable table = read("case-7.txt", "\xEF\xBB\xBFSpecimen:\r\n\x01lung\x07\n\n");
  ASSERT_EQ(table.reports.size(), 1U);
  EXPECT_EQ(table.reports[0].id.value, "case-7");
  EXPECT_EQ(table.reports[0].case_id.value, "case-7");
  EXPECT_EQ(table.reports[0].text, "Specimen:\nlung");
}

TEST_F(ReadReports, RejectsATextOverOneMebibyte) {
  EXPECT_EQ(read("ok.txt", std::string(1 << 20, 'x')).reports.size(), 1U);
  EXPECT_EQ(read("long.txt", std::string((1 << 20) + 1, 'x')).rejected.size(), 1U);
}

TEST_F(ReadReports, NamesWhatItCannotRead) {
  EXPECT_EQ(read_reports(folder_.path() / "absent.csv").error().kind, ErrorKind::kNotFound);
  std::ofstream(folder_.path() / "r.pdf") << "%PDF";
  EXPECT_EQ(read_reports(folder_.path() / "r.pdf").error().kind, ErrorKind::kUnsupported);
  std::ofstream(folder_.path() / "r.csv") << "id,body\na,b\n";
  EXPECT_EQ(read_reports(folder_.path() / "r.csv").error().kind, ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace clippath
