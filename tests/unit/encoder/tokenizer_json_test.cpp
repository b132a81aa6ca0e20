// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "clippath/core/files.h"
#include "clippath/tokenizer.h"
#include "core/json/json.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::HasSubstr;

const std::filesystem::path kSource = CLIPPATH_SOURCE_DIR;

Json read(const std::filesystem::path& path) {
  const auto text = read_text_file(path, 64U << 20U);
  if (!text) throw std::runtime_error(text.error().message);
  auto json = parse_json(*text, {.max_bytes = 64U << 20U, .max_keys = 100'000});
  if (!json) throw std::runtime_error(json.error().message);
  return std::move(*json);
}

/// A tokenizer.json of CLIP, as transformers converts the two files.
Json clip_file() {
  const auto folder = kSource / "tests/golden/tokenizers/clip";
  Json json = *parse_json(R"({
    "version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 49407, "content": "<|endoftext|>", "single_word": false,
                      "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"},
      {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "}, {"type": "Lowercase"}]},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "behavior": "Removed", "invert": true, "pattern":
        {"Regex": "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"}},
      {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}]},
    "post_processor": {"type": "RobertaProcessing", "sep": ["<|endoftext|>", 49407],
      "cls": ["<|startoftext|>", 49406], "trim_offsets": false, "add_prefix_space": false},
    "decoder": null,
    "model": {"type": "BPE", "dropout": null, "unk_token": "<|endoftext|>",
      "continuing_subword_prefix": "", "end_of_word_suffix": "</w>", "fuse_unk": false}})");
  json["model"]["vocab"] = read(folder / "vocab.json");
  Json merges = Json::array();
  std::ifstream lines(folder / "merges.txt");
  std::string line;
  std::getline(lines, line);  // the version
  while (std::getline(lines, line)) merges.push_back(line);
  json["model"]["merges"] = merges;
  return json;
}

class TokenizerJson : public testing::Test {
 protected:
  Result<std::unique_ptr<const Tokenizer>> load(const Json& json) {
    std::ofstream(folder_.path() / "tokenizer.json") << to_text(json);
    return load_tokenizer(folder_.path());
  }

  /// Some strings of many kinds.
  static void expect_equal(const Tokenizer& one, const std::filesystem::path& folder,
                           const char* golden) {
    const auto other = load_tokenizer(folder);
    ASSERT_TRUE(other) << other.error().message;
    EXPECT_EQ(one.vocabulary_size(), (*other)->vocabulary_size());
    EXPECT_EQ(one.pad_id(), (*other)->pad_id());
    const Json cases = read(kSource / "tests/golden/tokenizers" / golden);
    for (std::size_t i = 0; i < cases.size(); i += 7) {
      const auto text = cases[i]["text"].get<std::string>();
      ASSERT_EQ(one.encode(text, 0), (*other)->encode(text, 0)) << text;
    }
  }

  test::TempDir folder_;
};

TEST_F(TokenizerJson, OfBertEqualsItsVocabularyFile) {
  const auto demo = kSource / "demo/model/atlas-clippath-small";
  const auto loaded = load(read(demo / "tokenizer.json"));
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_equal(**loaded, demo, "bert_uncased.json");
}

TEST_F(TokenizerJson, OfClipEqualsItsTwoFiles) {
  Json json = clip_file();
  const auto loaded = load(json);
  ASSERT_TRUE(loaded) << loaded.error().message;
  expect_equal(**loaded, kSource / "tests/golden/tokenizers/clip", "clip_bpe.json");

  for (Json& merge : json["model"]["merges"]) {
    const auto line = merge.get<std::string>();
    const std::size_t space = line.find(' ');
    merge = Json::array({line.substr(0, space), line.substr(space + 1)});
  }
  EXPECT_TRUE(load(json)) << "merges as pairs";
}

TEST_F(TokenizerJson, RefusesByKeyWhatItDoesNotDo) {
  const auto message = [&](const Json& json) {
    const auto loaded = load(json);
    EXPECT_FALSE(loaded);
    return loaded ? std::string() : loaded.error().message;
  };
  const Json clip = clip_file();
  Json json = clip;
  json["normalizer"]["normalizers"][0]["type"] = "NFKC";
  EXPECT_THAT(message(json), HasSubstr("normalizer.normalizers[0].type"));
  json = clip;
  json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "a|b";
  EXPECT_THAT(message(json), HasSubstr("pre_tokenizer.pretokenizers[0].pattern"));
  json = clip;
  json["model"]["type"] = "Unigram";
  EXPECT_THAT(message(json), HasSubstr("model.type"));
  json = clip;
  json["model"]["ignore_merges"] = true;
  EXPECT_THAT(message(json), HasSubstr("model.ignore_merges"));
  json = clip;
  json["model"]["new_step"] = 1;
  EXPECT_THAT(message(json), HasSubstr("model.new_step"));
  json = clip;
  json["added_tokens"][0]["lstrip"] = true;
  EXPECT_THAT(message(json), HasSubstr("added_tokens.lstrip"));
  json = clip;
  json["post_processor"] = nullptr;
  EXPECT_THAT(message(json), HasSubstr("post_processor"));
}

}  // namespace
}  // namespace clippath
