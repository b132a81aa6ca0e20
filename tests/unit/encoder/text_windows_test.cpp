// SPDX-License-Identifier: Apache-2.0
#include "clippath/text_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/four_letters.h"

namespace clippath {
namespace {

using test::FourLetters;
using testing::ElementsAre;

std::vector<std::string> parts_of(std::string_view text, std::size_t max_tokens) {
  std::vector<std::string> parts;
  for (const auto& window : split_windows(text, FourLetters(), max_tokens)) {
    parts.emplace_back(text.substr(window.begin, window.end - window.begin));
  }
  return parts;
}

TEST(TextWindows, LeavesWholeWhatFits) {
  EXPECT_THAT(parts_of("a b c. d.", 8), ElementsAre("a b c. d."));
  EXPECT_THAT(parts_of("", 8), ElementsAre(""));
  const auto windows = split_windows("a b", FourLetters(), 8);
  EXPECT_THAT(windows[0].ids, ElementsAre(1, 'a', 'b', 2));
  EXPECT_EQ(windows[0].weight, 2U);
}

TEST(TextWindows, CutsBehindSentences) {
  EXPECT_THAT(parts_of("a b c. d e. f g h i.", 8), ElementsAre("a b c. ", "d e. ", "f g h i."));
}

TEST(TextWindows, CutsAtLineEndsAsAtSentences) {
  EXPECT_THAT(parts_of("a b c d\n e f g", 8), ElementsAre("a b c d\n ", "e f g"));
}

TEST(TextWindows, DoesNotTakeADecimalPointForAnEnd) {
  EXPECT_THAT(parts_of("a b 1.5 c d", 8), ElementsAre("a b 1.5 c ", "d"));
}

TEST(TextWindows, CutsBehindWordsWhereASentenceDoesNotFit) {
  EXPECT_THAT(parts_of("a b c d e f g h. i", 8), ElementsAre("a b c d e f ", "g h. i"));
}

TEST(TextWindows, CutsAWordThatDoesNotFit) {
  EXPECT_THAT(parts_of(std::string(50, 'a'), 8),
              ElementsAre(std::string(24, 'a'), std::string(24, 'a'), "aa"));
}

TEST(TextWindows, NeverCutsACharacter) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\xe2\x89\xa5";
  for (const auto& part : parts_of(text, 8)) EXPECT_EQ(part.size() % 3, 0U);
}

TEST(TextWindows, CoverEveryTextWithoutOverlapAndFit) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937_64 random(seed);
    static constexpr std::string_view kSigns = "abcdefgh    ..;\n5\xc3\xa9";
    std::string text;
    for (std::size_t left = random() % 400; left > 0; --left) {
      text += kSigns[random() % kSigns.size()];
    }
    const std::size_t max_tokens = 8 + random() % 20;
    const FourLetters tokenizer;
    const auto windows = split_windows(text, tokenizer, max_tokens);
    std::size_t end = 0;
    for (const TextWindow& window : windows) {
      ASSERT_EQ(window.begin, end) << "seed " << seed;
      end = window.end;
      ASSERT_LE(window.ids.size(), max_tokens) << "seed " << seed;
      ASSERT_EQ(window.ids.size(), window.weight + 2) << "seed " << seed;
      const auto part = text.substr(window.begin, window.end - window.begin);
      ASSERT_EQ(window.ids, tokenizer.encode(part, 0)) << "seed " << seed << ": a token was lost";
    }
    ASSERT_EQ(end, text.size()) << "seed " << seed;
    const bool fits = tokenizer.encode(text, 0).size() <= max_tokens;
    ASSERT_EQ(fits, windows.size() == 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace clippath
