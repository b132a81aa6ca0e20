// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/clip_bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "encoder/tokenizer/html_unescape.h"
#include "encoder/tokenizer/unicode.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kClip =
    std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/tokenizers/clip";

const Tokenizer& clip(SpecialTokens special) {
  static const auto text = *load_tokenizer(kClip);
  static const auto match = *load_tokenizer(kClip, SpecialTokens::kMatch);
  return special == SpecialTokens::kMatch ? *match : *text;
}

std::string unescape(std::string_view text) {
  std::string bytes;
  for (char32_t code : html_unescape(decode(text))) append_utf8(bytes, code);
  return bytes;
}

TEST(HtmlUnescape, FollowsPython) {
  EXPECT_EQ(unescape("R&amp;D &lt 2 &ge;"), "R&D < 2 \xe2\x89\xa5");
  EXPECT_EQ(unescape("&notit; &notin;"), "\xc2\xacit; \xe2\x88\x89");
  EXPECT_EQ(unescape("&#181;&#xb5&#XB5;x"), "\xc2\xb5\xc2\xb5\xc2\xb5x");
  EXPECT_EQ(unescape("&#0;&#xD800;&#99999999999999999999;"),
            "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(unescape("&#128;&#1;|"), "\xe2\x82\xac|");
  EXPECT_EQ(unescape("& &; &# &#; &#x; &&amp; &unknown; &l"), "& &; &# &#; &#x; && &unknown; &l");
  EXPECT_EQ(unescape("&fjlig;&acE;"), "fj\xe2\x88\xbe\xcc\xb3");
}

TEST(ClipBpe, TakesTypedSpecialTokensAsWordsUnlessAsked) {
  EXPECT_THAT(clip(SpecialTokens::kMatch).encode("x<|endoftext|>y", 0),
              ElementsAre(49406, 343, 49407, 344, 49407));
  const auto typed = clip(SpecialTokens::kAsText).encode("x<|endoftext|>y", 0);
  EXPECT_THAT(typed, ElementsAre(49406, 343, 27, 347, 40786, 4160, 91, 285, 344, 49407));
}

// Its expression ignores case: a long s is an s there, and the mark U+0345 a letter to one of its
// sets and no sign to the other.
TEST(ClipWords, FollowTheTwoOddCharactersOfOpenClip) {
  EXPECT_EQ(end_of_clip_word(U"'\u017fa", 0, ClipRules::kOpenClip), 2U);
  EXPECT_EQ(end_of_clip_word(U"'\u017fa", 0, ClipRules::kHuggingFace), 1U);
  EXPECT_EQ(end_of_clip_word(U"\u0345b", 0, ClipRules::kOpenClip), 0U);
  EXPECT_EQ(end_of_clip_word(U"\u0345b", 0, ClipRules::kHuggingFace), 1U);
}

TEST(ClipBpe, KeepsTheEndOfACutText) {
  const auto ids = clip(SpecialTokens::kAsText).encode("one two three four five", 4);
  ASSERT_EQ(ids.size(), 4U);
  EXPECT_EQ(ids.front(), 49406);
  EXPECT_EQ(ids.back(), 49407);
}

TEST(ClipBpe, IsNotSlowedDownByHostileTexts) {
  const Tokenizer& tokenizer = clip(SpecialTokens::kAsText);
  std::string letters;
  std::string marks;
  for (std::size_t i = 0; i < 1U << 20U; ++i) letters += static_cast<char>('a' + i * i % 26);
  for (std::size_t i = 0; i < 1U << 18U; ++i) marks += i % 2 == 0 ? "\xcc\x81" : "\xcc\xa3";
  for (const std::string& text : {letters, "a" + marks, std::string(1U << 20U, '&')}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(tokenizer.encode(text, 77).size(), 77U);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(taken.count(), 20) << "a quadratic algorithm takes minutes";
  }
}

class ClipFolder : public testing::Test {
 protected:
  void link(const char* name) {
    std::filesystem::create_symlink(kClip / name, folder_.path() / name);
  }
  void write(const char* name, std::string_view text) {
    std::ofstream(folder_.path() / name) << text;
  }
  [[nodiscard]] auto load() const { return load_tokenizer(folder_.path()); }
  [[nodiscard]] Error error() const {
    const auto loaded = load();
    return loaded ? Error{} : loaded.error();
  }
  test::TempDir folder_;
};

TEST_F(ClipFolder, NamesTheFilesThatAreMissing) {
  EXPECT_THAT(error().message, HasSubstr("tokenizer.json"));
  write("tokenizer_config.json", R"({"tokenizer_class": "CLIPTokenizer"})");
  EXPECT_EQ(error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(error().message, HasSubstr("add vocab.json and merges.txt"));
  link("vocab.json");
  EXPECT_EQ(error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(error().message, HasSubstr("merges.txt"));
}

TEST_F(ClipFolder, TakesThePaddingOfItsRules) {
  link("vocab.json");
  link("merges.txt");
  EXPECT_EQ((*load())->pad_id(), 49407);
  write("tokenizer_config.json", R"({"pad_token": "!"})");
  EXPECT_EQ((*load())->pad_id(), 0);
  write("tokenizer_config.json", R"({"pad_token": "<|endoftext|>"})");
  write("open_clip_config.json", "{}");
  EXPECT_EQ((*load())->pad_id(), 0);
}

TEST_F(ClipFolder, RefusesAVocabularyOfAnotherClass) {
  link("vocab.json");
  link("merges.txt");
  write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer"})");
  EXPECT_EQ(error().kind, ErrorKind::kUnsupported);
}

TEST_F(ClipFolder, NamesThePieceThatIsMissing) {
  write("vocab.json", R"({"!": 0})");
  link("merges.txt");
  EXPECT_EQ(error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error().message, HasSubstr("vocab.json: the vocabulary lacks the piece"));
}

TEST_F(ClipFolder, ReadsMergesWithTheLineEndsOfWindows) {
  link("vocab.json");
  write("merges.txt", "#version: 0.2\r\nb c</w>\r\n");
  EXPECT_THAT((*load())->encode("abc", 0), ElementsAre(49406, 64, 2162, 49407));
}

// As the map of pairs does in which the reference keeps them.
TEST_F(ClipFolder, LetsTheLaterOfTwoEqualMergesCount) {
  link("vocab.json");
  write("merges.txt", "a b\nb c</w>\n");
  EXPECT_THAT((*load())->encode("abc", 0), ElementsAre(49406, 596, 322, 49407));
  write("merges.txt", "a b\nb c</w>\na b\n");
  EXPECT_THAT((*load())->encode("abc", 0), ElementsAre(49406, 64, 2162, 49407));
}

TEST_F(ClipFolder, IsAsLargeAsItsLargestNumber) {
  std::ifstream file(kClip / "vocab.json");
  std::string text(std::istreambuf_iterator<char>(file), {});
  text.replace(text.find("49407"), 5, "60000");
  write("vocab.json", text);
  link("merges.txt");
  EXPECT_EQ((*load())->vocabulary_size(), 60'001U);
}

TEST_F(ClipFolder, NamesTheLineThatIsNoPair) {
  link("vocab.json");
  write("merges.txt", "#version: 0.2\ni n\none\n");
  EXPECT_EQ(error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(error().message, HasSubstr("'one'"));
}

}  // namespace
}  // namespace clippath
