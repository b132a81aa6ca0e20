// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/text_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

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

/// Does not tell large letters from small ones.
class Uncased final : public test::FourLetters {
 public:
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                 std::size_t max_tokens) const override {
    std::string lower(text);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return FourLetters::encode(lower, max_tokens);
  }
};

TextRows text_rows(LongText long_texts, std::size_t max_tokens = kTokens,
                   std::size_t cached_windows = 0) {
  return TextRows(std::make_unique<Uncased>(), max_tokens, 2, long_texts, cached_windows);
}

TextRows caching(std::size_t cached_windows = 16) {
  return text_rows(LongText::kWindows, kTokens, cached_windows);
}

EmbeddingMatrix project(const TextRows& rows, const std::vector<std::string>& texts,
                        NotingTower& tower, const EncodeCall& call = {}) {
  return rows.project(texts, call, std::ref(tower)).value();
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
  const auto rows = text_rows(LongText::kWindows).project(texts, {}, [](TokenLists) {
    return Result<EmbeddingMatrix>(fail(ErrorKind::kInternal, "no memory"));
  });
  EXPECT_EQ(rows.error().message, "no memory");
}

TEST(TextRows, EncodeATextOnceWhereItIsKept) {
  const TextRows rows = caching();
  const std::vector<std::string> texts = {"a b c. d e f g h.", "x"};
  NotingTower tower;
  const auto first = project(rows, texts, tower);
  EXPECT_EQ(tower.given.size(), 3U);
  EXPECT_EQ(project(rows, texts, tower).values, first.values);
  EXPECT_EQ(tower.given.size(), 3U);
}

TEST(TextRows, EncodeOnlyTheWindowsThatAreMissing) {
  const TextRows rows = caching();
  NotingTower tower;
  project(rows, {"a b c."}, tower);
  tower.given.clear();
  const auto mixed = project(rows, {"y", "a b c. d e f g h.", "a b c."}, tower);
  EXPECT_THAT(tower.given,
              ElementsAre(ElementsAre(1, 'y', 2), ElementsAre(1, 'd', 'e', 'f', 'g', 'h', '.', 2)));
  NotingTower other;
  EXPECT_EQ(
      mixed.values,
      project(text_rows(LongText::kWindows), {"y", "a b c. d e f g h.", "a b c."}, other).values);
}

TEST(TextRows, KnowATextAgainThatItsTokensDoNotTellApart) {
  const TextRows rows = caching();
  NotingTower tower;
  project(rows, {"lobular a"}, tower);
  project(rows, {"Lobular  A"}, tower);
  EXPECT_EQ(tower.given.size(), 1U);
}

TEST(TextRows, KeepNothingUnlessTold) {
  const TextRows rows = text_rows(LongText::kWindows);
  NotingTower tower;
  project(rows, {"x"}, tower);
  project(rows, {"x"}, tower);
  EXPECT_EQ(tower.given.size(), 2U);
}

TEST(TextRows, ComputeAnewForWhoDoesNotTrustTheCache) {
  const TextRows rows = caching(1);
  NotingTower tower;
  project(rows, {"x"}, tower);
  project(rows, {"x"}, tower, {.from_cache = false});
  EXPECT_EQ(tower.given.size(), 2U);
  project(rows, {"y"}, tower, {.from_cache = false});
  project(rows, {"x"}, tower);  // still there: "y" was not kept
  EXPECT_EQ(tower.given.size(), 3U);
}

TEST(TextRows, KeepNothingOfATowerThatFailed) {
  const TextRows rows = caching();
  const std::vector<std::string> texts = {"x"};
  EXPECT_FALSE(rows.project(texts, {}, [](TokenLists) {
    return Result<EmbeddingMatrix>(fail(ErrorKind::kInternal, "no memory"));
  }));
  NotingTower tower;
  project(rows, texts, tower);
  EXPECT_EQ(tower.given.size(), 1U);
}

TEST(TextRows, StopBetweenBatchesWhenTheDeadlinePasses) {
  std::vector<std::string> texts;
  for (int i = 0; i < 70; ++i) texts.push_back(std::string(1, static_cast<char>('a' + i % 26)));
  NotingTower tower;
  const EncodeCall call{.deadline =
                            Deadline::never().or_when([&] { return tower.batches.size() == 2; })};
  const auto rows = text_rows(LongText::kWindows).project(texts, call, std::ref(tower));
  EXPECT_EQ(rows.error().kind, ErrorKind::kDeadlineExceeded);
  EXPECT_THAT(tower.batches, ElementsAre(32, 32));
}

TEST(TextRows, AnswerManyThreadsFromOneCache) {
  const TextRows rows = caching(8);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&rows, thread] {
      NotingTower tower;
      for (int i = 0; i < 500; ++i) {
        const char letter = static_cast<char>('a' + (i * (thread + 1)) % 12);
        const auto answer = project(rows, {std::string(1, letter), "same for all"}, tower);
        EXPECT_EQ(answer.row(0)[0], static_cast<float>(letter));
        EXPECT_EQ(answer.row(1)[0], static_cast<float>('s'));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace clippath
