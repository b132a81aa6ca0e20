// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "clippath/tokenizer.h"
#include "core/json/json.h"
#include "encoder/weights/weights_file.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using Ids = std::vector<std::int64_t>;

const std::filesystem::path kTokenizers = test::golden_dir() / "tokenizers";

/// Every string must equal the fast reference, also cut to 64 and 512 tokens.
void expect_equal_on_all(const Tokenizer& tokenizer, const std::filesystem::path& file) {
  const Json cases = test::read_json(file);
  ASSERT_EQ(cases.size(), 1632U);
  int different = 0;
  for (const Json& item : cases) {
    const auto text = item["text"].get<std::string>();
    const auto whole = item["ids"].get<Ids>();
    const auto cut = [&](const char* key) {
      return item.contains(key) ? item[key].get<Ids>() : whole;
    };
    const bool equal = tokenizer.encode(text, 0) == whole &&
                       tokenizer.encode(text, 64) == cut("ids_64") &&
                       tokenizer.encode(text, 512) == cut("ids_512");
    if (!equal && ++different <= 10) {
      ADD_FAILURE() << item["kind"] << ": " << item["text"].dump(-1, ' ', true) << "\n is      "
                    << Json(tokenizer.encode(text, 0)) << "\n must be " << item["ids"];
    }
  }
  EXPECT_EQ(different, 0);
}

TEST(TokenizerGolden, EqualsTheUncasedReferenceOnEveryString) {
  const auto tokenizer =
      load_tokenizer(test::source_dir() / "demo/model/atlas-clippath-small", SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  expect_equal_on_all(**tokenizer, test::golden_dir() / "tokenizers/bert_uncased.json");
}

TEST(TokenizerGolden, EqualsTheCasedReferenceOnEveryString) {
  const test::TempDir folder;
  std::filesystem::copy_file(test::golden_dir() / "tokenizers/bert_cased_vocab.txt",
                             folder.path() / "vocab.txt");
  std::ofstream(folder.path() / "tokenizer_config.json") << R"({"do_lower_case": false})";
  const auto tokenizer = load_tokenizer(folder.path(), SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  expect_equal_on_all(**tokenizer, test::golden_dir() / "tokenizers/bert_cased.json");
}

/// Every string must equal the named implementation, also cut to 77 tokens.
void expect_clip_equal_on_all(const Tokenizer& tokenizer, const std::string& other) {
  const Json cases = test::read_json(kTokenizers / "clip_bpe.json");
  ASSERT_EQ(cases.size(), 1632U);
  int different = 0;
  for (const Json& item : cases) {
    const auto text = item["text"].get<std::string>();
    const bool own = !other.empty() && item.contains("ids_" + other);
    auto expected = item[own ? "ids_" + other : "ids"].get<Ids>();
    bool equal = tokenizer.encode(text, 0) == expected;
    if (expected.size() > 77) {
      expected.resize(76);
      expected.push_back(49407);
      if (!own) {
        EXPECT_EQ(expected, item["ids_77"].get<Ids>());
      }
    }
    equal = equal && tokenizer.encode(text, 77) == expected;
    if (!equal && ++different <= 10) {
      ADD_FAILURE() << item["kind"] << ": " << item["text"].dump(-1, ' ', true) << "\n is      "
                    << Json(tokenizer.encode(text, 77)) << "\n must be " << Json(expected);
    }
  }
  EXPECT_EQ(different, 0);
}

TEST(TokenizerGolden, EqualsTheFastClipReferenceOnEveryString) {
  const auto tokenizer = load_tokenizer(kTokenizers / "clip", SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 49408U);
  EXPECT_EQ((*tokenizer)->pad_id(), 49407);
  expect_clip_equal_on_all(**tokenizer, "");
}

TEST(TokenizerGolden, EqualsOpenClipWithoutFtfyOnEveryString) {
  const test::TempDir folder;
  for (const char* name : {"vocab.json", "merges.txt"}) {
    std::filesystem::create_symlink(kTokenizers / "clip" / name, folder.path() / name);
  }
  std::ofstream(folder.path() / "open_clip_config.json") << "{}";
  const auto tokenizer = load_tokenizer(folder.path(), SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->pad_id(), 0);
  expect_clip_equal_on_all(**tokenizer, "openai_no_ftfy");
}

TEST(TokenizerGolden, EqualsTheByteLevelReferenceOnEveryString) {
  const auto tokenizer =
      load_tokenizer(test::golden_dir() / "models/conch-tiny", SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->vocabulary_size(), 320U);
  EXPECT_EQ((*tokenizer)->pad_id(), 0);
  const Json cases = test::read_json(kTokenizers / "byte_bpe.json");
  ASSERT_EQ(cases.size(), 590U);
  for (const Json& item : cases) {
    const auto text = item["text"].get<std::string>();
    EXPECT_EQ((*tokenizer)->encode(text, 0), item["ids"].get<Ids>()) << item["text"];
    const char* cut = item.contains("ids_24") ? "ids_24" : "ids";
    EXPECT_EQ((*tokenizer)->encode(text, 24), item[cut].get<Ids>()) << item["text"];
  }
}

/// The texts of a golden model against its own stored token numbers.
void expect_equal_inputs(const char* model) {
  const auto folder = test::golden_dir() / "models" / model;
  const auto tokenizer = load_tokenizer(folder, SpecialTokens::kMatch);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  const auto inputs = open_weights_file(folder / "inputs.safetensors");
  ASSERT_TRUE(inputs) << inputs.error().message;
  const auto tokens = static_cast<std::size_t>(inputs->find("input_ids")->shape[1]);
  const auto ids = test::values<std::int64_t>(*inputs->find("input_ids"));
  const auto mask = test::values<std::int64_t>(*inputs->find("attention_mask"));
  const Json json = test::read_json(folder / "inputs.json");
  std::size_t compared = 0;
  for (std::size_t row = 0; row < json["texts"].size(); ++row) {
    if (json.contains("pairs") && !json["pairs"][row].is_null()) continue;
    Ids got = (*tokenizer)->encode(json["texts"][row].get<std::string>(), 512);
    const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(row * tokens);
    const auto length = static_cast<std::size_t>(
        std::count(mask.begin() + static_cast<std::ptrdiff_t>(row * tokens),
                   mask.begin() + static_cast<std::ptrdiff_t>((row + 1) * tokens), 1));
    EXPECT_EQ(got.size(), length) << "row " << row;
    got.resize(tokens, (*tokenizer)->pad_id());
    EXPECT_EQ(got, Ids(begin, begin + static_cast<std::ptrdiff_t>(tokens))) << "row " << row;
    ++compared;
  }
  EXPECT_GE(compared, 3U);
}

TEST(TokenizerGolden, EqualsTheInputsOfBertTiny) { expect_equal_inputs("bert-tiny"); }
TEST(TokenizerGolden, EqualsTheInputsOfDualTiny) { expect_equal_inputs("dual-tiny"); }
TEST(TokenizerGolden, EqualsTheInputsOfDualClipTiny) { expect_equal_inputs("dual-clip-tiny"); }

}  // namespace
}  // namespace clippath
