// SPDX-License-Identifier: Apache-2.0
#include "clippath/score_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "clippath/core/npy.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using ::testing::HasSubstr;

class ScoreFiles : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  std::filesystem::path write_npy(std::vector<float> values) const {
    std::string text = npy_header(2, 3);
    text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return write("scores.npy", text);
  }

  test::TempDir folder_;
};

TEST_F(ScoreFiles, OfBothKindsGiveTheSameFigures) {
  const auto csv = read_score_table(write("s.csv", "query,0,1,2\n0,0.5,0.25,0.5\n1,1,2,3\n"));
  const auto npy = read_score_table(write_npy({0.5F, 0.25F, 0.5F, 1, 2, 3}));
  ASSERT_TRUE(csv && npy) << npy.error().message;
  EXPECT_EQ(csv->queries, npy->queries);
  EXPECT_EQ(csv->scores.values, npy->scores.values);
  const auto relevance =
      read_relevance(write("r.csv", "query,candidate,case\n0,0,a\n1,2,a\n1,0,a\n"), *npy);
  ASSERT_TRUE(relevance) << relevance.error().message;
  const auto figures = evaluate_score_table(*npy, *relevance, {});
  ASSERT_TRUE(figures);
  const Figure& hit = figures->front();
  EXPECT_EQ(hit.metric, "hit@1");
  EXPECT_EQ(hit.value, 0.5);
  EXPECT_EQ(hit.expected_ties, 0.75);
  EXPECT_EQ(hit.optimistic_ties, 1);
}

TEST_F(ScoreFiles, FaultsNameTheirPlace) {
  EXPECT_THAT(read_score_table(write("s.csv", "query,a,b\nq,1,x\n")).error().message,
              HasSubstr("s.csv: line 2, column b: 'x' is not a number"));
  const auto twice = read_score_table(write("s.csv", "query,a\nq,1\nq,2\n"));
  EXPECT_THAT(twice.error().message, HasSubstr("query 'q' is there twice"));
  EXPECT_THAT(read_score_table(write_npy({1, 2, 3})).error().message, HasSubstr("another number"));
  EXPECT_EQ(read_score_table(write("x.npy", "no array")).error().kind, ErrorKind::kUnsupported);
  const auto table = read_score_table(write("s.csv", "query,a,b\np,1,2\nq,1,2\n"));
  ASSERT_TRUE(table);
  EXPECT_THAT(read_relevance(write("r.csv", "query,candidate\np,c\n"), *table).error().message,
              HasSubstr("line 2, column candidate: the scores have no 'c'"));
  EXPECT_THAT(read_relevance(write("r.csv", "query,candidate\np,a\n"), *table).error().message,
              HasSubstr("query 'q' has no right answer"));
}

TEST_F(ScoreFiles, ABeginningOfAnArrayIsRefused) {
  const std::string whole = npy_header(2, 3);
  for (std::size_t bytes = 0; bytes <= 12; ++bytes) {
    const auto table = read_score_table(write("cut.npy", whole.substr(0, bytes)));
    ASSERT_FALSE(table) << bytes;
    // The tenth byte ends the prefix that tells how long the header is.
    EXPECT_EQ(table.error().kind,
              bytes < 10 ? ErrorKind::kUnsupported : ErrorKind::kInvalidArgument)
        << bytes << ": " << table.error().message;
  }
}

TEST_F(ScoreFiles, NotANumberIsNoRank) {
  const auto table = read_score_table(write("s.csv", "query,a,b\np,nan,2\n"));
  ASSERT_TRUE(table);
  const auto relevance = read_relevance(write("r.csv", "query,candidate\np,b\n"), *table);
  ASSERT_TRUE(relevance);
  EXPECT_THAT(evaluate_score_table(*table, *relevance, {}).error().message,
              HasSubstr("query p: score of candidate 0"));
}

TEST(EvaluationSet, SplitsSayWhoAsksAndWhatIsLearntFrom) {
  const std::vector<LabelledPatch> patches = {{{"a", 0, "s", "c", "", ""}, "one", "train"},
                                              {{"b", 0, "s", "c", "", ""}, "two", "val"},
                                              {{"d", 0, "s", "c", "", ""}, "one", "other"}};
  const auto set = make_evaluation_set(patches, {"val", "", "train"});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->captions, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(set->queries, (std::vector<std::size_t>{1}));
  EXPECT_EQ(set->training, (std::vector<std::size_t>{0}));
  EXPECT_EQ(set->gallery.size(), 3U);
  // Without a split all are asked about, so nothing is left to learn from.
  EXPECT_TRUE(make_evaluation_set(patches, {"", "", "train"})->training.empty());
  EXPECT_THAT(make_evaluation_set(patches, {"test", "", "train"}).error().message,
              HasSubstr("there are 'other', 'train', 'val'"));
  EXPECT_FALSE(make_evaluation_set({patches[0], patches[0]}, {}));
}

TEST(EvaluationSet, FindsTheSplitAskedFor) {
  const std::vector<LabelledPatch> patches = {{{"a", 0, "s", "c", "", ""}, "one", "train"},
                                              {{"b", 0, "s", "c", "", ""}, "two", "val"},
                                              {{"d", 0, "s", "c", "", ""}, "one", "train"}};
  const auto set = make_evaluation_set(patches, {"val", "train", "train"});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->queries, (std::vector<std::size_t>{1}));
  EXPECT_EQ(set->gallery, (std::vector<std::size_t>{0, 2}));
  EXPECT_THAT(make_evaluation_set(patches, {"val", "test", "train"}).error().message,
              HasSubstr("split 'test': no patch has it"));
}

TEST(EvaluationSet, HasCaptionsOfAllPatchesOrOfNone) {
  std::vector<LabelledPatch> patches = {{{"a", 0, "s", "c", "", ""}, "", ""},
                                        {{"b", 0, "s", "c", "", ""}, "", ""}};
  const auto set = make_evaluation_set(patches, {});
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->captions.empty());
  patches[1].caption = "two";
  EXPECT_THAT(make_evaluation_set(patches, {}).error().message, HasSubstr("patch 'b'"));
}

}  // namespace
}  // namespace clippath
