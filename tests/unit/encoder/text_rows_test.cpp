// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/text_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/four_letters.h"

namespace clippath {
namespace {

using testing::ElementsAre;

constexpr std::size_t kTokens = 8;  // six between the outer two

/// A tower whose row is (first token between the outer two, number of tokens); it remembers what it
/// was given.
class NotingTower {
 public:
  Result<EmbeddingMatrix> operator()(TokenLists lists) {
    batches.push_back(lists.size());
    EmbeddingMatrix rows = EmbeddingMatrix::zeros(lists.size(), 2);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      given.push_back(lists[i]);
      rows.row(i)[0] = static_cast<float>(lists[i][1]);
      rows.row(i)[1] = static_cast<float>(lists[i].size());
    }
    return rows;
  }

  std::vector<std::size_t> batches;
  std::vector<std::vector<std::int64_t>> given;
};

TextRows text_rows(LongText long_texts, std::size_t max_tokens = kTokens) {
  return TextRows(std::make_unique<test::FourLetters>(), max_tokens, 2, long_texts);
}

EmbeddingMatrix project(const TextRows& rows, const std::vector<std::string>& texts,
                        NotingTower& tower) {
  return rows.project(texts, std::ref(tower)).value();
}

TEST(TextRows, AverageWindowsByTheirTokens) {
  NotingTower tower;
  // "a b c. " has four tokens, "d e f g h." six.
  const auto rows = project(text_rows(LongText::kWindows), {"x", "a b c. d e f g h.", "y"}, tower);
  EXPECT_EQ(tower.given.size(), 4U);
  ASSERT_EQ(rows.rows, 3U);
  EXPECT_FLOAT_EQ(rows.row(1)[0], (4.0F * 'a' + 6.0F * 'd') / 10);
  EXPECT_FLOAT_EQ(rows.row(1)[1], (4.0F * 6 + 6.0F * 8) / 10);
  EXPECT_EQ(rows.row(0)[0], static_cast<float>('x'));
  EXPECT_EQ(rows.row(2)[0], static_cast<float>('y'));
}

TEST(TextRows, LeaveATextOfExactlyTheLimitWhole) {
  for (const LongText long_texts : {LongText::kWindows, LongText::kCut}) {
    NotingTower tower;
    project(text_rows(long_texts), {"a b c d e f", ""}, tower);
    EXPECT_THAT(tower.given,
                ElementsAre(ElementsAre(1, 'a', 'b', 'c', 'd', 'e', 'f', 2), ElementsAre(1, 2)));
  }
}

TEST(TextRows, CutWhereThatIsAskedFor) {
  NotingTower cut;
  project(text_rows(LongText::kCut), {"a b c d e f g h"}, cut);
  NotingTower windows;
  project(text_rows(LongText::kWindows), {"a b c d e f g h"}, windows);
  ASSERT_EQ(cut.given.size(), 1U);
  ASSERT_EQ(windows.given.size(), 2U);
  EXPECT_EQ(cut.given[0], windows.given[0]);
}

TEST(TextRows, CutWhereTheTowerReadsTooLittleForWindows) {
  NotingTower tower;
  project(text_rows(LongText::kWindows, 4), {"a b c"}, tower);
  EXPECT_THAT(tower.given, ElementsAre(ElementsAre(1, 'a', 'b', 2)));
}

TEST(TextRows, BoundTheBatchesOfTheTower) {
  std::string text;
  while (text.size() < std::size_t{64} << 10U) text += "word and more. ";
  NotingTower tower;
  const auto rows = project(text_rows(LongText::kWindows), {text, "x"}, tower);
  EXPECT_EQ(rows.rows, 2U);
  EXPECT_EQ(rows.row(1)[0], static_cast<float>('x'));
  EXPECT_GT(tower.batches.size(), 10U);
  EXPECT_EQ(*std::max_element(tower.batches.begin(), tower.batches.end()), 32U);
}

TEST(TextRows, PassTheErrorOfTheTowerOn) {
  const std::vector<std::string> texts = {"x"};
  const auto rows = text_rows(LongText::kWindows).project(texts, [](TokenLists) {
    return Result<EmbeddingMatrix>(fail(ErrorKind::kInternal, "no memory"));
  });
  EXPECT_EQ(rows.error().message, "no memory");
}

}  // namespace
}  // namespace clippath
