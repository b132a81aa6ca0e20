// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/wordpiece.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 4U << 20U;
constexpr std::uintmax_t kMaxVocabularyBytes = 64U << 20U;

/// A token is a text or, in newer files, an object that holds it.
void read_token(ObjectReader& reader, const char* key, std::string& token) {
  const Json* value = reader.any(key);
  if (value == nullptr || value->is_null()) return;
  if (value->is_object() && value->contains("content")) value = &(*value)["content"];
  if (!value->is_string() || value->get_ref<const std::string&>().empty()) {
    reader.reject(key, "must be a text");
    return;
  }
  token = value->get<std::string>();
}

/// Hugging Face writes null for "follows do_lower_case".
bool read_strip_accents(ObjectReader& reader, bool lower_case) {
  const Json* value = reader.any("strip_accents");
  if (value == nullptr || value->is_null()) return lower_case;
  return reader.optional_boolean("strip_accents").value_or(lower_case);
}

struct TokenizerConfig {
  SpecialTokens special;
  SplitRules rules;
};

Result<TokenizerConfig> parse_config(const Json& json) {
  ObjectReader reader(json, "");
  const std::string name = reader.optional_text("tokenizer_class", 256).value_or("BertTokenizer");
  if (name != "BertTokenizer" && name != "BertTokenizerFast") {
    reader.reject(Error{ErrorKind::kUnsupported,
                        "tokenizer_class: is " + name + "; this program reads BertTokenizer",
                        "tokenizer_class", "BertTokenizer"});
  }
  TokenizerConfig config;
  read_token(reader, "unk_token", config.special.unknown);
  read_token(reader, "sep_token", config.special.separator);
  read_token(reader, "pad_token", config.special.padding);
  read_token(reader, "cls_token", config.special.classification);
  read_token(reader, "mask_token", config.special.mask);
  config.rules.lower_case = reader.optional_boolean("do_lower_case").value_or(true);
  config.rules.strip_accents = read_strip_accents(reader, config.rules.lower_case);
  config.rules.split_ideographs = reader.optional_boolean("tokenize_chinese_chars").value_or(true);

  // The file says much more that does not change the numbers: let it through.
  if (json.is_object()) {
    for (const auto& item : json.items()) reader.any(item.key().c_str());
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return config;
}

}  // namespace

Result<std::unique_ptr<const Tokenizer>> load_tokenizer(const std::filesystem::path& folder) {
  const auto config_path = folder / "tokenizer_config.json";
  const auto vocabulary_path = folder / "vocab.txt";
  CLIPPATH_TRY(const auto config_text, read_text_file(config_path, kMaxConfigBytes));
  CLIPPATH_TRY(const auto vocabulary_text, read_text_file(vocabulary_path, kMaxVocabularyBytes));

  auto json = parse_json(config_text, {.max_bytes = kMaxConfigBytes, .max_keys = 65'536});
  if (!json) return fail(json.error().within(config_path.string()));
  auto config = parse_config(*json);
  if (!config) return fail(config.error().within(config_path.string()));
  auto vocabulary = Vocabulary::parse(vocabulary_text);
  if (!vocabulary) return fail(vocabulary.error().within(vocabulary_path.string()));
  auto tokenizer = WordPieceTokenizer::make(std::move(*vocabulary), config->special, config->rules);
  if (!tokenizer) return fail(tokenizer.error().within(vocabulary_path.string()));
  return std::make_unique<const WordPieceTokenizer>(std::move(*tokenizer));
}

}  // namespace clippath
