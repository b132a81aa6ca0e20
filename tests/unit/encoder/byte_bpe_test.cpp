// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/byte_bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/byte_bpe_text.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kTiny =
    std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/models/conch-tiny";

std::vector<std::u32string> words_of(std::string_view text) {
  const std::u32string clean = clean_byte_bpe_text(text);
  std::vector<std::u32string> words;
  for (std::size_t begin = 0; begin < clean.size();) {
    const std::size_t end = end_of_gpt2_word(clean, begin);
    words.push_back(clean.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

TEST(ByteBpeText, CutsWordsWithTheSpaceBeforeThem) {
  EXPECT_THAT(words_of("Grade 2,  the\tlobe's 3.5cm \n"),
              ElementsAre(U" grade", U" 2", U",", U" ", U" the", U"\t", U"lobe", U"'s", U" 3", U".",
                          U"5", U"cm", U" \n"));
  EXPECT_THAT(words_of("Caf\xc3\xa9"), ElementsAre(U" cafe"));
  EXPECT_THAT(words_of("\xcc\x81"), ElementsAre());
}

TEST(ByteBpe, MatchesWhatStandsForSomethingTakenOutButNoTypedEnd) {
  const auto typed = load_tokenizer(kTiny);
  const auto matched = load_tokenizer(kTiny, SpecialTokens::kMatch);
  ASSERT_TRUE(typed) << typed.error().message;
  EXPECT_THAT((*typed)->encode("<|person|><|date|>", 0), ElementsAre(1, 3, 6, 2));
  EXPECT_THAT((*matched)->encode("<end_of_text><pad>", 0), ElementsAre(1, 2, 0, 2));
  const auto words = (*typed)->encode("<end_of_text><pad>", 0);
  EXPECT_EQ(std::count(words.begin(), words.end(), 2), 1);
  EXPECT_EQ(std::count(words.begin(), words.end(), 0), 0);
}

TEST(ByteBpe, IsNotSlowedDownByHostileTexts) {
  const auto tokenizer = load_tokenizer(kTiny);
  std::string letters;
  for (std::size_t i = 0; i < 1U << 20U; ++i) letters += static_cast<char>('a' + i * i % 26);
  std::string quotes;
  for (std::size_t i = 0; i < 1U << 19U; ++i) quotes += "' ";
  for (const std::string& text : {letters, quotes, std::string(1U << 20U, ' ')}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ((*tokenizer)->encode(text, 127).size(), 127U);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(taken.count(), 20) << "a quadratic algorithm takes minutes";
  }
}

class ByteBpeFolder : public testing::Test {
 protected:
  ByteBpeFolder()
      : json_(*parse_json(*read_text_file(kTiny / "tokenizer.json", 1U << 20U),
                          {.max_keys = 1000})) {}

  Result<std::unique_ptr<const Tokenizer>> load(const Json& json) {
    std::ofstream(folder_.path() / "tokenizer.json") << to_text(json);
    return load_tokenizer(folder_.path());
  }
  void configure(const char* text) {
    std::ofstream(folder_.path() / "tokenizer_config.json") << text;
  }
  std::string message(const Json& json) {
    const auto loaded = load(json);
    return loaded ? std::string() : loaded.error().message;
  }

  const Json json_;
  test::TempDir folder_;
};

TEST_F(ByteBpeFolder, RefusesByKeyWhatItDoesNotDo) {
  EXPECT_EQ(message(json_), "");
  const auto refused = [&](const char* pointer, const Json& value) {
    Json json = json_;
    json[Json::json_pointer(pointer)] = value;
    return message(json);
  };
  EXPECT_THAT(refused("/normalizer/normalizers/0/type", "NFKD"),
              HasSubstr("normalizer.normalizers[0].type"));
  EXPECT_THAT(refused("/normalizer", nullptr), HasSubstr("normalizer"));
  EXPECT_THAT(refused("/pre_tokenizer/add_prefix_space", false),
              HasSubstr("pre_tokenizer.add_prefix_space"));
  EXPECT_THAT(refused("/pre_tokenizer/use_regex", false), HasSubstr("pre_tokenizer.use_regex"));
  EXPECT_THAT(refused("/model/end_of_word_suffix", "</w>"), HasSubstr("model.end_of_word_suffix"));
  EXPECT_THAT(refused("/added_tokens/3/normalized", true), HasSubstr("added_tokens.normalized"));
  EXPECT_THAT(refused("/added_tokens/3/id", 300), HasSubstr("another number"));
  EXPECT_THAT(refused("/post_processor", nullptr), HasSubstr("post_processor"));
}

TEST_F(ByteBpeFolder, FollowsTheConfigurationBesideIt) {
  for (const char* name : {"PreTrainedTokenizerFast", "TokenizersBackend"}) {
    configure(Json{{"tokenizer_class", name}, {"pad_token", "<|date|>"}}.dump().c_str());
    const auto loaded = load(json_);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ((*loaded)->pad_id(), 6);
  }
  configure(R"({"tokenizer_class": "CLIPTokenizer"})");
  EXPECT_THAT(message(json_), HasSubstr("CLIPTokenizer, to which tokenizer.json does not belong"));
  configure(R"({"pad_token": "[PAD]"})");
  EXPECT_THAT(message(json_), HasSubstr("lacks the special token '[PAD]'"));
  configure(R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
  std::ofstream(folder_.path() / "vocab.txt") << "a\n";
  EXPECT_THAT(message(json_),
              HasSubstr("PreTrainedTokenizerFast, to which vocab.txt does not belong"));
}

}  // namespace
}  // namespace clippath
