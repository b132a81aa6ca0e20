// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/tokenizer_json.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace clippath {
namespace {

// Two of them: older files look for the special tokens here too, which are cut out before.
constexpr std::array<std::string_view, 2> kClipExpressions = {
    R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)",
    R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)"};

/// One step of the file. Takes what it knows and refuses every other key and value.
class Step {
 public:
  Step(const Json* json, const std::string& path)
      : reader_(json != nullptr ? *json : kNull, path) {}

  void require(const char* key, const Json& must_be) {
    const Json* value = reader_.any(key);
    if (value == nullptr || *value != must_be) refuse(key, must_be.dump());
  }
  /// Any of the values, or missing.
  void allow(const char* key, std::initializer_list<Json> values) {
    const Json* value = reader_.any(key);
    if (value == nullptr) return;
    const bool known = std::find(values.begin(), values.end(), *value) != values.end();
    if (!known) refuse(key, values.begin()->dump());
  }
  void ignore(const char* key) { reader_.any(key); }
  void refuse(const char* key, const std::string& must_be) {
    const std::string path = reader_.path_of(key);
    reader_.reject(Error{ErrorKind::kUnsupported, path + ": this program only does " + must_be,
                         path, must_be});
  }
  ObjectReader& reader() { return reader_; }
  Result<void> finish() { return reader_.finish(); }

 private:
  static inline const Json kNull;
  ObjectReader reader_;
};

std::string type_of(ObjectReader& reader, const char* key) {
  const Json* value = reader.any(key);
  if (value == nullptr || !value->is_object() || !value->contains("type")) return {};
  const Json& type = (*value)["type"];
  return type.is_string() ? type.get<std::string>() : std::string();
}

struct OuterTokens {
  std::string first;
  std::string last;
};

/// `["[SEP]", 102]`
std::string read_named(Step& step, const char* key) {
  const Json* value = step.reader().any(key);
  if (value != nullptr && value->is_array() && value->size() == 2 && (*value)[0].is_string()) {
    return (*value)[0].get<std::string>();
  }
  step.refuse(key, "a token with its number");
  return {};
}

/// `[{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": ...}, {"SpecialToken": ...}]`
Result<OuterTokens> read_template(Step& step) {
  step.ignore("pair");
  step.ignore("special_tokens");
  const Json* parts = step.reader().any("single");
  const auto token = [&](std::size_t i) -> std::string {
    const Json& part = (*parts)[i];
    if (!part.is_object() || !part.contains("SpecialToken")) return {};
    const Json& inner = part["SpecialToken"];
    if (!inner.is_object() || !inner.contains("id") || !inner["id"].is_string()) return {};
    return inner["id"].get<std::string>();
  };
  OuterTokens tokens;
  const bool three = parts != nullptr && parts->is_array() && parts->size() == 3;
  if (three && (*parts)[1].is_object() && (*parts)[1].contains("Sequence")) {
    tokens = {token(0), token(2)};
  }
  if (tokens.first.empty() || tokens.last.empty()) {
    step.refuse("single", "a token before the text and one behind it");
  }
  CLIPPATH_TRY_VOID(step.finish());
  return tokens;
}

Result<OuterTokens> read_outer_tokens(ObjectReader& file) {
  const std::string type = type_of(file, "post_processor");
  Step step(file.any("post_processor"), "post_processor");
  step.ignore("type");
  if (type == "TemplateProcessing") return read_template(step);
  if (type != "BertProcessing" && type != "RobertaProcessing") {
    step.refuse("type", "BertProcessing, RobertaProcessing and TemplateProcessing");
  }
  const OuterTokens tokens{read_named(step, "cls"), read_named(step, "sep")};
  step.ignore("trim_offsets");
  step.allow("add_prefix_space", {false, true});  // of a text, for offsets alone
  CLIPPATH_TRY_VOID(step.finish());
  return tokens;
}

/// Those that the model does not have stand behind its own pieces.
Result<void> add_tokens(ObjectReader& file, std::vector<BpeVocabulary::Piece>& pieces) {
  const Json* added = file.any("added_tokens");
  if (added == nullptr) return {};
  if (!added->is_array()) return fail(ErrorKind::kInvalidArgument, "added_tokens: must be a list");
  std::unordered_map<std::string, std::int64_t> known(pieces.begin(), pieces.end());
  for (const Json& token : *added) {
    Step step(&token, "added_tokens");
    const std::string content = step.reader().text("content", 256);
    const std::int64_t id = step.reader().integer("id", 0, 1U << 30U);
    step.allow("special", {true});
    for (const char* key : {"single_word", "lstrip", "rstrip"}) step.allow(key, {false});
    step.allow("normalized", {false, true});
    CLIPPATH_TRY_VOID(step.finish());
    const auto [place, is_new] = known.emplace(content, id);
    if (is_new) pieces.emplace_back(content, id);
    if (place->second != id) {
      return fail(ErrorKind::kInvalidArgument,
                  "added_tokens: " + content + " has another number in the vocabulary");
    }
  }
  return {};
}

Result<std::vector<BpeVocabulary::Piece>> read_vocabulary(ObjectReader& file, Step& model) {
  const Json* vocabulary = model.reader().any("vocab");
  if (vocabulary == nullptr) {
    return fail(ErrorKind::kInvalidArgument, "model.vocab: is required");
  }
  CLIPPATH_TRY(auto pieces, read_pieces(*vocabulary, "model.vocab"));
  CLIPPATH_TRY_VOID(add_tokens(file, pieces));
  return pieces;
}

Result<SplitRules> read_bert_rules(ObjectReader& file) {
  Step normaliser(file.any("normalizer"), "normalizer");
  normaliser.require("type", "BertNormalizer");
  normaliser.allow("clean_text", {true});
  SplitRules rules;
  rules.lower_case = normaliser.reader().optional_boolean("lowercase").value_or(true);
  rules.split_ideographs =
      normaliser.reader().optional_boolean("handle_chinese_chars").value_or(true);
  normaliser.allow("strip_accents", {nullptr, true, false});
  const Json* strip = normaliser.reader().any("strip_accents");
  rules.strip_accents =
      strip != nullptr && strip->is_boolean() ? strip->get<bool>() : rules.lower_case;
  CLIPPATH_TRY_VOID(normaliser.finish());
  Step words(file.any("pre_tokenizer"), "pre_tokenizer");
  words.require("type", "BertPreTokenizer");
  CLIPPATH_TRY_VOID(words.finish());
  return rules;
}

Result<WordPieceFile> read_wordpiece(ObjectReader& file, const OuterTokens& outer) {
  CLIPPATH_TRY(const SplitRules rules, read_bert_rules(file));
  Step model(file.any("model"), "model");
  model.ignore("type");
  model.allow("continuing_subword_prefix", {"##"});
  model.allow("max_input_chars_per_word", {100});
  const std::string unknown = model.reader().optional_text("unk_token", 256).value_or("[UNK]");
  CLIPPATH_TRY(const auto pieces, read_vocabulary(file, model));
  CLIPPATH_TRY_VOID(model.finish());
  CLIPPATH_TRY(auto vocabulary, Vocabulary::make(pieces));
  return WordPieceFile{std::move(vocabulary), unknown, outer.last, outer.first, rules};
}

/// The steps of a "Sequence", of which there must be so many.
const Json* steps_of(Step& sequence, const char* key, std::size_t count) {
  sequence.require("type", "Sequence");
  const Json* steps = sequence.reader().any(key);
  if (steps != nullptr && steps->is_array() && steps->size() == count) return steps;
  sequence.refuse(key, std::to_string(count) + " steps");
  return nullptr;
}

Result<void> check_clip_normaliser(ObjectReader& file) {
  Step sequence(file.any("normalizer"), "normalizer");
  const Json* steps = steps_of(sequence, "normalizers", 3);
  CLIPPATH_TRY_VOID(sequence.finish());
  Step compose(&(*steps)[0], "normalizer.normalizers[0]");
  compose.require("type", "NFC");
  CLIPPATH_TRY_VOID(compose.finish());
  Step spaces(&(*steps)[1], "normalizer.normalizers[1]");
  spaces.require("type", "Replace");
  spaces.require("pattern", Json{{"Regex", R"(\s+)"}});
  spaces.require("content", " ");
  CLIPPATH_TRY_VOID(spaces.finish());
  Step lower(&(*steps)[2], "normalizer.normalizers[2]");
  lower.require("type", "Lowercase");
  return lower.finish();
}

Result<void> check_clip_words(ObjectReader& file) {
  Step sequence(file.any("pre_tokenizer"), "pre_tokenizer");
  const Json* steps = steps_of(sequence, "pretokenizers", 2);
  CLIPPATH_TRY_VOID(sequence.finish());
  Step split(&(*steps)[0], "pre_tokenizer.pretokenizers[0]");
  split.require("type", "Split");
  split.allow("pattern",
              {Json{{"Regex", kClipExpressions[0]}}, Json{{"Regex", kClipExpressions[1]}}});
  split.require("behavior", "Removed");
  split.require("invert", true);
  CLIPPATH_TRY_VOID(split.finish());
  Step bytes(&(*steps)[1], "pre_tokenizer.pretokenizers[1]");
  bytes.require("type", "ByteLevel");
  bytes.require("add_prefix_space", false);
  bytes.ignore("trim_offsets");
  bytes.allow("use_regex", {true, false});  // within these words it finds nothing to cut
  return bytes.finish();
}

/// `"i n"` or `["i", "n"]`.
Result<std::vector<BpeVocabulary::Pair>> read_merges(const Json* merges) {
  const Error fault{ErrorKind::kInvalidArgument, "model.merges: must be a list of pairs"};
  if (merges == nullptr || !merges->is_array()) return fail(fault);
  std::vector<BpeVocabulary::Pair> pairs;
  pairs.reserve(merges->size());
  for (const Json& merge : *merges) {
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      pairs.emplace_back(merge[0].get<std::string>(), merge[1].get<std::string>());
      continue;
    }
    if (!merge.is_string()) return fail(fault);
    CLIPPATH_TRY(auto pair, BpeVocabulary::parse_pair(merge.get_ref<const std::string&>()));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

Result<BpeVocabulary> read_bpe(ObjectReader& file, const std::string& word_end) {
  Step model(file.any("model"), "model");
  model.ignore("type");
  model.ignore("unk_token");  // every byte is a piece
  model.allow("fuse_unk", {false, true});
  model.allow("byte_fallback", {false});
  model.allow("ignore_merges", {false});
  model.allow("dropout", {nullptr});
  model.allow("continuing_subword_prefix", {"", nullptr});
  if (word_end.empty()) {
    model.allow("end_of_word_suffix", {nullptr, ""});
  } else {
    model.require("end_of_word_suffix", word_end);
  }
  CLIPPATH_TRY(const auto pieces, read_vocabulary(file, model));
  CLIPPATH_TRY(const auto merges, read_merges(model.reader().any("merges")));
  CLIPPATH_TRY_VOID(model.finish());
  return BpeVocabulary::make(pieces, merges, word_end);
}

Result<ClipBpeFile> read_clip(ObjectReader& file, const OuterTokens& outer) {
  CLIPPATH_TRY_VOID(check_clip_normaliser(file));
  CLIPPATH_TRY_VOID(check_clip_words(file));
  CLIPPATH_TRY(auto vocabulary, read_bpe(file, "</w>"));
  return ClipBpeFile{std::move(vocabulary), outer.first, outer.last};
}

/// Decomposed, without marks, in lower case; words of GPT-2 with their space before them.
Result<void> check_byte_steps(ObjectReader& file) {
  Step sequence(file.any("normalizer"), "normalizer");
  const Json* steps = steps_of(sequence, "normalizers", 3);
  CLIPPATH_TRY_VOID(sequence.finish());
  constexpr std::array<const char*, 3> kTypes = {"NFD", "StripAccents", "Lowercase"};
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    Step step(&(*steps)[i], "normalizer.normalizers[" + std::to_string(i) + "]");
    step.require("type", kTypes[i]);
    CLIPPATH_TRY_VOID(step.finish());
  }
  Step bytes(file.any("pre_tokenizer"), "pre_tokenizer");
  bytes.require("type", "ByteLevel");
  bytes.require("add_prefix_space", true);
  bytes.ignore("trim_offsets");
  bytes.allow("use_regex", {true});
  return bytes.finish();
}

/// Tokens that would be looked for in the changed text are not those of any model read here.
Result<std::vector<std::string>> read_added(ObjectReader& file) {
  std::vector<std::string> added;
  const Json* tokens = file.any("added_tokens");
  if (tokens == nullptr) return added;
  for (const Json& token : *tokens) {
    if (token.contains("normalized") && token["normalized"] != false) {
      return fail(ErrorKind::kUnsupported, "added_tokens.normalized: this program only does false");
    }
    added.push_back(token["content"].get<std::string>());
  }
  return added;
}

Result<ByteBpeFile> read_byte_bpe(ObjectReader& file, const OuterTokens& outer) {
  CLIPPATH_TRY_VOID(check_byte_steps(file));
  CLIPPATH_TRY(auto vocabulary, read_bpe(file, ""));
  CLIPPATH_TRY(auto added, read_added(file));
  return ByteBpeFile{std::move(vocabulary), outer.first, outer.last, std::move(added)};
}

}  // namespace

Result<std::vector<BpeVocabulary::Piece>> read_pieces(const Json& object, const std::string& path) {
  if (!object.is_object()) {
    return fail(ErrorKind::kInvalidArgument, path + ": must be an object of pieces and numbers");
  }
  std::vector<BpeVocabulary::Piece> pieces;
  pieces.reserve(object.size());
  for (const auto& item : object.items()) {
    if (!item.value().is_number_integer()) {
      return fail(ErrorKind::kInvalidArgument, path + ": '" + item.key() + "' must have a number");
    }
    pieces.emplace_back(item.key(), item.value().get<std::int64_t>());
  }
  return pieces;
}

Result<std::variant<WordPieceFile, ClipBpeFile, ByteBpeFile>> parse_tokenizer_json(
    const Json& json) {
  ObjectReader file(json, "");
  for (const char* key : {"version", "truncation", "padding", "decoder"}) file.any(key);
  const std::string type = type_of(file, "model");
  if (type != "WordPiece" && type != "BPE") {
    file.reject(Error{ErrorKind::kUnsupported,
                      "model.type: this program only does WordPiece and BPE", "model.type",
                      "WordPiece, BPE"});
  }
  for (const char* key : {"normalizer", "pre_tokenizer", "post_processor", "added_tokens"}) {
    file.any(key);
  }
  CLIPPATH_TRY_VOID(file.finish());
  CLIPPATH_TRY(const OuterTokens outer, read_outer_tokens(file));
  // CLIP cuts words out first; without that step they are GPT-2's.
  const bool byte_level = type_of(file, "pre_tokenizer") == "ByteLevel";
  if (type == "BPE" && byte_level) return read_byte_bpe(file, outer);
  if (type == "BPE") return read_clip(file, outer);
  return read_wordpiece(file, outer);
}

}  // namespace clippath
