// SPDX-License-Identifier: Apache-2.0
#include "clippath/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "encoder/tokenizer/unicode.h"
#include "encoder/tokenizer/wordpiece.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Ids = std::vector<std::int64_t>;

// Numbers: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, then the pieces in this order.
WordPieceTokenizer tokenizer_of(const std::vector<std::string>& pieces, SplitRules rules = {}) {
  std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const std::string& piece : pieces) text += piece + "\n";
  return *WordPieceTokenizer::make(*Vocabulary::parse(text), {}, rules, SpecialTokens::kMatch);
}

TEST(WordPiece, TakesTheLongestPieceFirst) {
  const auto tokenizer = tokenizer_of({"car", "carcin", "##oma", "##c", "##o"});
  EXPECT_THAT(tokenizer.encode("Carcinoma", 0), ElementsAre(2, 6, 7, 3));
  EXPECT_THAT(tokenizer.encode("car", 0), ElementsAre(2, 5, 3));
}

TEST(WordPiece, GivesUpAWholeWordForOneUnknownPiece) {
  const auto tokenizer = tokenizer_of({"car", "##c"});
  EXPECT_THAT(tokenizer.encode("carcx car", 0), ElementsAre(2, 1, 5, 3));
}

TEST(WordPiece, GivesUpWordsOverAHundredCharacters) {
  const auto tokenizer = tokenizer_of({"a", "##a"});
  EXPECT_EQ(tokenizer.encode(std::string(100, 'a'), 0).size(), 102U);
  EXPECT_THAT(tokenizer.encode(std::string(101, 'a'), 0), ElementsAre(2, 1, 3));
}

TEST(WordPiece, CountsCharactersNotBytes) {
  const auto tokenizer =
      tokenizer_of({"\xc3\xa9", "##\xc3\xa9"}, {.lower_case = false, .strip_accents = false});
  std::string word;
  for (int i = 0; i < 100; ++i) word += "\xc3\xa9";
  EXPECT_EQ(tokenizer.encode(word, 0).size(), 102U);
}

TEST(WordPiece, CutsOnTheRightAndKeepsTheClosingToken) {
  const auto tokenizer = tokenizer_of({"a", "b", "c"});
  EXPECT_THAT(tokenizer.encode("a b c", 5), ElementsAre(2, 5, 6, 7, 3));
  EXPECT_THAT(tokenizer.encode("a b c", 4), ElementsAre(2, 5, 6, 3));
  EXPECT_THAT(tokenizer.encode("a b c", 2), ElementsAre(2, 3));
  EXPECT_THAT(tokenizer.encode("", 5), ElementsAre(2, 3));
}

TEST(WordPiece, FindsSpecialTokensTypedByAUser) {
  const auto tokenizer = tokenizer_of({"a", "b", "[", "]", "mask"});
  EXPECT_THAT(tokenizer.encode("a[MASK]b", 0), ElementsAre(2, 5, 4, 6, 3));
  EXPECT_THAT(tokenizer.encode("[mask]", 0), ElementsAre(2, 7, 9, 8, 3));
  EXPECT_THAT(tokenizer.encode("[SEP][MASK]", 3), ElementsAre(2, 3, 3));
}

TEST(WordPiece, TakesTypedSpecialTokensAsWordsUnlessAsked) {
  const auto made =
      WordPieceTokenizer::make(*Vocabulary::parse("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n[\n]\nsep"),
                               {}, {}, SpecialTokens::kAsText);
  EXPECT_THAT(made->encode("[SEP]", 0), ElementsAre(2, 5, 7, 6, 3));
}

TEST(WordPiece, DropsMalformedBytes) {
  const auto tokenizer = tokenizer_of({"ab"});
  EXPECT_THAT(tokenizer.encode("a\xff\x80"
                               "b",
                               0),
              ElementsAre(2, 5, 3));
  EXPECT_THAT(tokenizer.encode("ab\xe2\x82", 0), ElementsAre(2, 5, 3));
  EXPECT_THAT(tokenizer.encode(std::string_view("a\0b", 3), 0), ElementsAre(2, 5, 3));
}

TEST(WordPiece, FollowsItsSplitRules) {
  const std::vector<std::string> pieces = {"\xc3\x89t\xc3\xa9", "\xc3\xa9t\xc3\xa9", "ete"};
  const std::string word = "\xc3\x89t\xc3\xa9";  // E acute, t, e acute
  EXPECT_THAT(tokenizer_of(pieces).encode(word, 0), ElementsAre(2, 7, 3));
  EXPECT_THAT(tokenizer_of(pieces, {.strip_accents = false}).encode(word, 0), ElementsAre(2, 6, 3));
  EXPECT_THAT(tokenizer_of(pieces, {.lower_case = false, .strip_accents = false}).encode(word, 0),
              ElementsAre(2, 5, 3));
}

TEST(WordPiece, NamesTheSpecialTokenThatIsMissing) {
  const auto made = WordPieceTokenizer::make(*Vocabulary::parse("[PAD]\n[UNK]\n[CLS]\n[MASK]\n"),
                                             {}, {}, SpecialTokens::kMatch);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(made.error().message, HasSubstr("[SEP]"));
}

TEST(WordSplitter, TreatsAsciiAloneAsAmongOtherText) {
  // The same words must come out whether or not the text takes the ASCII shortcut.
  const std::string text =
      " A-b\tC_d\r\n(e.g. 12,5)\x0b"
      "x\x7fy  ~`$+ ";
  const auto expected = split_words(text, {});
  auto mixed = split_words(text + "\xc2\xb5", {});
  ASSERT_FALSE(mixed.empty());
  EXPECT_EQ(mixed.back().text, "\xc2\xb5");
  mixed.pop_back();
  ASSERT_EQ(expected.size(), mixed.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(expected[i].text, mixed[i].text);
}

TEST(WordSplitter, KnowsTheIdeographsOfTheReference) {
  // U+4E00; U+2B820, which the reference leaves out by a slip; U+2B920.
  EXPECT_EQ(split_words("a\xe4\xb8\x80"
                        "a",
                        {})
                .size(),
            3U);
  EXPECT_EQ(split_words("a\xf0\xab\xa0\xa0"
                        "a",
                        {})
                .size(),
            1U);
  EXPECT_EQ(split_words("a\xf0\xab\xa4\xa0"
                        "a",
                        {})
                .size(),
            3U);
}

// The library's tables are of other versions of Unicode than those of utf8proc.
TEST(WordSplitter, TellsCharactersApartAsTheReferenceDoes) {
  const auto words = [](std::u32string_view text) {
    std::vector<std::string> found;
    for (const Word& word : split_words(to_utf8(text, 0, text.size()), {})) {
      found.push_back(word.text);
    }
    return found;
  };
  EXPECT_THAT(words(U"a\u0c84b"), ElementsAre("a\u0c84b"));          // punctuation since Unicode 11
  EXPECT_THAT(words(U"a\u166db"), ElementsAre("a", "\u166d", "b"));  // a symbol since Unicode 12
  EXPECT_THAT(words(U"a\u0d3cb"), ElementsAre("a\u0d3cb"));          // a mark since Unicode 10
  EXPECT_THAT(words(U"a\u0891b"), ElementsAre("a\u0891b"));          // a format since Unicode 14
  EXPECT_THAT(words(U"\u1c89"), ElementsAre("\u1c8a"));              // lower case since Unicode 16
}

TEST(Unicode, HasTheNormalFormsOfTheReference) {
  // U+0EBA has had a combining class since Unicode 12; in 9 nothing passes or composes over it.
  EXPECT_EQ(decompose(U"\u05c1\u0eba"), U"\u05c1\u0eba");
  EXPECT_EQ(compose(U"a\u0eba\u0301"), U"a\u0eba\u0301");
  EXPECT_EQ(compose(U"a\u094d\u0301"), U"\u00e1\u094d");
  // The only composition since then.
  EXPECT_EQ(decompose(U"\U00011938"), U"\U00011938");
  EXPECT_EQ(compose(U"\U00011935\U00011930"), U"\U00011935\U00011930");
}

TEST(Unicode, ComposesHangulWithFinalConsonantsAlone) {
  EXPECT_EQ(compose(U"\uc5b4\u11a7"), U"\uc5b4\u11a7");
  EXPECT_EQ(compose(U"\uc5b4\u11a8"), U"\uc5b5");
}

TEST(Unicode, KnowsLettersAndNumbersOfTheReference) {
  EXPECT_TRUE(is_letter(U'\u1c8a'));
  EXPECT_TRUE(is_number(U'\U00010d40'));
  EXPECT_FALSE(is_mark(U'\u0eba'));
  EXPECT_TRUE(is_mark(U'\u0301'));
  std::u32string python;
  append_lower_unicode_14(python, U'\u1c89');
  EXPECT_EQ(python, U"\u1c89");
}

TEST(LoadTokenizer, LooksSpecialTokensUpByName) {
  // In this vocabulary [PAD] is 50, not 0.
  const auto tokenizer =
      load_tokenizer(std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/models/bert-tiny");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->pad_id(), 50);
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 6000U);
  EXPECT_THAT((*tokenizer)->encode("", 0), ElementsAre(52, 53));
}

TEST(Vocabulary, TakesTheLaterOfTwoEqualLines) {
  const auto vocabulary = Vocabulary::parse("a\n##a\na\n##a\n");
  EXPECT_EQ(vocabulary->find("a"), 2);
  EXPECT_EQ(vocabulary->find_continuation("a"), 3);
}

TEST(Vocabulary, IsAsLargeAsItsLargestNumber) {
  EXPECT_EQ(Vocabulary::make({{"a", 7}, {"b", 3}})->size(), 8U);
  EXPECT_EQ(Vocabulary::parse("a\nb\na\n")->size(), 3U);
  EXPECT_EQ(Vocabulary::parse("a\nb")->size(), 2U);
  for (const std::int64_t number : {std::int64_t{-1}, std::int64_t{1} << 31U}) {
    const auto made = Vocabulary::make({{"a", 0}, {"b", number}});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message, HasSubstr("'b' has the number " + std::to_string(number)));
  }
}

class TokenizerFolder : public testing::Test {
 protected:
  void write(const char* config, const char* vocabulary) {
    std::ofstream(folder_.path() / "tokenizer_config.json") << config;
    std::ofstream(folder_.path() / "vocab.txt") << vocabulary;
  }
  test::TempDir folder_;
};

TEST_F(TokenizerFolder, NamesTheMissingFile) {
  const auto tokenizer = load_tokenizer(folder_.path());
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(tokenizer.error().message, HasSubstr("tokenizer_config.json"));
}

TEST_F(TokenizerFolder, RefusesAnotherClass) {
  write(R"({"tokenizer_class": "CLIPTokenizer"})", "[PAD]\n");
  const auto tokenizer = load_tokenizer(folder_.path());
  ASSERT_FALSE(tokenizer);
  EXPECT_EQ(tokenizer.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(tokenizer.error().message, HasSubstr("CLIPTokenizer"));
}

TEST_F(TokenizerFolder, ReadsTokensGivenAsObjects) {
  write(R"({"pad_token": {"content": "<pad>", "lstrip": false}, "do_lower_case": false,
            "added_tokens_decoder": {}})",
        "<pad>\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nA\r\n");
  const auto tokenizer = load_tokenizer(folder_.path());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->pad_id(), 0);
  EXPECT_THAT((*tokenizer)->encode("A", 0), ElementsAre(2, 5, 3));
}

TEST_F(TokenizerFolder, RefusesAnEmptyVocabulary) {
  write("{}", "");
  const auto tokenizer = load_tokenizer(folder_.path());
  ASSERT_FALSE(tokenizer);
  EXPECT_THAT(tokenizer.error().message, HasSubstr("vocab.txt"));
}

}  // namespace
}  // namespace clippath
