// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/csv.h"

#include <gtest/gtest.h>

#include <random>

namespace clippath {
namespace {

TEST(ParseCsv, ReadsQuotesLineBreaksAndAByteOrderMark) {
  const auto table =
      parse_csv("\xEF\xBB\xBFslide,caption\r\na,\"one, \"\"two\"\"\nthree\"\r\nb,\n").value();
  EXPECT_EQ(table.columns, (std::vector<std::string>{"slide", "caption"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][1], "one, \"two\"\nthree");
  EXPECT_EQ(table.rows[1][1], "");
  EXPECT_EQ(table.lines, (std::vector<int>{2, 4}));
}

TEST(ParseCsv, TakesSpacesAroundNamesForNoPartOfThem) {
  const auto table = parse_csv("path, slide ,\tmpp\na, b ,\n");
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->columns, (std::vector<std::string>{"path", "slide", "mpp"}));
  EXPECT_EQ(table->rows[0][1], " b ");
  EXPECT_FALSE(parse_csv("path, ,mpp\n"));
  EXPECT_FALSE(parse_csv("path, path\n"));
}

TEST(ParseCsv, NamesTheLineOfAFault) {
  EXPECT_NE(parse_csv("a,b\n1,2\n3\n").error().message.find("line 3"), std::string::npos);
  EXPECT_NE(parse_csv("a\n\"x\n\n").error().message.find("line 2"), std::string::npos);
  EXPECT_NE(parse_csv("a\n\"x\"y\n").error().message.find("line 2"), std::string::npos);
  EXPECT_NE(parse_csv("a,a\n").error().message.find("'a'"), std::string::npos);
  EXPECT_FALSE(parse_csv("").has_value());
  EXPECT_FALSE(parse_csv("a,\n").has_value());
}

TEST(ParseCsv, ReadsBackWhatCsvCellWrote) {
  std::mt19937 random(1);
  const std::string alphabet = "ab,\"\n\r \xC3\xA9";
  for (int seed = 0; seed < 200; ++seed) {
    std::vector<std::string> cells;
    std::string text = "x,y,z\n";
    for (int c = 0; c < 3; ++c) {
      std::string cell;
      for (std::size_t i = random() % 8; i > 0; --i) cell += alphabet[random() % alphabet.size()];
      text += csv_cell(cell) + (c < 2 ? "," : "\n");
      cells.push_back(cell);
    }
    const auto table = parse_csv(text);
    ASSERT_TRUE(table.has_value()) << text;
    ASSERT_EQ(table->rows.at(0), cells) << text;
  }
}

TEST(CsvLine, QuotesWhatNeedsIt) {
  EXPECT_EQ(csv_line({"a", "b,c", "", "d\"e"}), "a,\"b,c\",,\"d\"\"e\"\n");
}

TEST(SpreadsheetText, TakesTheEdgeOffFormulas) {
  EXPECT_EQ(spreadsheet_text("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
  EXPECT_EQ(spreadsheet_text("@a"), "'@a");
  EXPECT_EQ(spreadsheet_text("\t=a"), "'\t=a");
  EXPECT_EQ(spreadsheet_text("grade 2 = moderate"), "grade 2 = moderate");
  EXPECT_EQ(spreadsheet_text(""), "");
}

}  // namespace
}  // namespace clippath
