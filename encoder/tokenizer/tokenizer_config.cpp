// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/tokenizer_config.h"

namespace clippath {
namespace {

/// A token is a text or, in newer files, an object that holds it.
void read_token(ObjectReader& reader, const char* key, std::optional<std::string>& token) {
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

std::optional<TokenizerKind> read_kind(ObjectReader& reader) {
  const auto name = reader.optional_text("tokenizer_class", 256);
  if (!name) return std::nullopt;
  if (*name == "BertTokenizer" || *name == "BertTokenizerFast") return TokenizerKind::kWordPiece;
  if (*name == "CLIPTokenizer" || *name == "CLIPTokenizerFast") return TokenizerKind::kClipBpe;
  // transformers 5 calls the same class TokenizersBackend.
  if (*name == "PreTrainedTokenizerFast" || *name == "TokenizersBackend") {
    return TokenizerKind::kAnyJson;
  }
  reader.reject(Error{ErrorKind::kUnsupported,
                      "tokenizer_class: is " + *name +
                          "; this program reads BertTokenizer, CLIPTokenizer and "
                          "PreTrainedTokenizerFast",
                      "tokenizer_class", "BertTokenizer, CLIPTokenizer, PreTrainedTokenizerFast"});
  return std::nullopt;
}

}  // namespace

Result<TokenizerConfig> parse_tokenizer_config(const Json& json) {
  ObjectReader reader(json, "");
  TokenizerConfig config;
  config.kind = read_kind(reader);
  read_token(reader, "unk_token", config.unknown);
  read_token(reader, "sep_token", config.separator);
  read_token(reader, "pad_token", config.padding);
  read_token(reader, "cls_token", config.classification);
  read_token(reader, "mask_token", config.mask);
  read_token(reader, "bos_token", config.start);
  read_token(reader, "eos_token", config.end);
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

}  // namespace clippath
