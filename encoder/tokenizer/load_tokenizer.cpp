// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/byte_bpe.h"
#include "encoder/tokenizer/clip_bpe.h"
#include "encoder/tokenizer/tokenizer_config.h"
#include "encoder/tokenizer/tokenizer_json.h"
#include "encoder/tokenizer/wordpiece.h"

namespace clippath {
namespace {

constexpr const char* kConfigName = "tokenizer_config.json";
constexpr std::uintmax_t kMaxConfigBytes = 4U << 20U;
constexpr std::uintmax_t kMaxVocabularyBytes = 64U << 20U;
constexpr std::size_t kMaxPieces = 10'000'000;

using TokenizerResult = Result<std::unique_ptr<const Tokenizer>>;

bool has(const std::filesystem::path& folder, const char* name) {
  std::error_code error;
  return std::filesystem::exists(folder / name, error);
}

Result<Json> read_json(const std::filesystem::path& path, std::uintmax_t max_bytes,
                       std::size_t max_keys) {
  CLIPPATH_TRY(const auto text, read_text_file(path, max_bytes));
  auto json = parse_json(text, {.max_bytes = static_cast<std::size_t>(max_bytes),
                                .max_keys = max_keys,
                                .max_elements = kMaxPieces});
  if (!json) return fail(json.error().within(path.string()));
  return json;
}

Result<TokenizerConfig> read_config(const std::filesystem::path& folder) {
  const auto path = folder / kConfigName;
  CLIPPATH_TRY(const Json json, read_json(path, kMaxConfigBytes, 65'536));
  auto config = parse_tokenizer_config(json);
  if (!config) return fail(config.error().within(path.string()));
  return config;
}

const char* class_of(TokenizerKind kind) {
  switch (kind) {
    case TokenizerKind::kWordPiece: return "BertTokenizer";
    case TokenizerKind::kClipBpe: return "CLIPTokenizer";
    case TokenizerKind::kByteBpe:
    case TokenizerKind::kAnyJson: return "PreTrainedTokenizerFast";
  }
  return "";
}

/// The tokenizer files of one folder.
class Folder {
 public:
  Folder(std::filesystem::path path, SpecialTokens special)
      : path_(std::move(path)),
        special_(special),
        is_open_clip_(has(path_, "open_clip_config.json")) {}

  TokenizerResult load() {
    // A vocabulary in lines does not say whether it is of small letters: its configuration must.
    if (has(path_, kConfigName) || has(path_, "vocab.txt")) {
      CLIPPATH_TRY(config_, read_config(path_));
    }
    if (has(path_, "vocab.txt")) return load_wordpiece();
    if (has(path_, "vocab.json") || has(path_, "merges.txt")) return load_clip();
    if (has(path_, "tokenizer.json")) return load_tokenizer_json();
    return fail(ErrorKind::kNotFound,
                path_.string() + ": has no tokenizer; add " +
                    (config_.kind == TokenizerKind::kClipBpe     ? "vocab.json and merges.txt"
                     : config_.kind == TokenizerKind::kWordPiece ? "vocab.txt"
                     : config_.kind == TokenizerKind::kAnyJson   ? "tokenizer.json"
                                                                 : "tokenizer_config.json with "
                                                                   "vocab.txt, or vocab.json with "
                                                                   "merges.txt, or tokenizer.json"));
  }

 private:
  [[nodiscard]] Result<void> require_kind(TokenizerKind kind, const char* file) const {
    if (config_.kind.value_or(kind) == kind) return {};
    return fail(ErrorKind::kUnsupported, (path_ / kConfigName).string() + ": tokenizer_class: is " +
                                             class_of(*config_.kind) + ", to which " + file +
                                             " does not belong");
  }

  TokenizerResult load_wordpiece() {
    CLIPPATH_TRY_VOID(require_kind(TokenizerKind::kWordPiece, "vocab.txt"));
    const auto path = path_ / "vocab.txt";
    CLIPPATH_TRY(const auto text, read_text_file(path, kMaxVocabularyBytes));
    auto vocabulary = Vocabulary::parse(text);
    if (!vocabulary) return fail(vocabulary.error().within(path.string()));
    return make_wordpiece(path, std::move(*vocabulary), {}, config_.rules);
  }

  TokenizerResult load_clip() {
    CLIPPATH_TRY_VOID(require_kind(TokenizerKind::kClipBpe, "vocab.json"));
    const auto path = path_ / "vocab.json";
    CLIPPATH_TRY(const Json json, read_json(path, kMaxVocabularyBytes, kMaxPieces));
    auto pieces = read_pieces(json, "the vocabulary");
    if (!pieces) return fail(pieces.error().within(path.string()));
    const auto merges_path = path_ / "merges.txt";
    CLIPPATH_TRY(const auto text, read_text_file(merges_path, kMaxVocabularyBytes));
    auto merges = BpeVocabulary::parse_merges(text);
    if (!merges) return fail(merges.error().within(merges_path.string()));
    auto vocabulary = BpeVocabulary::make(*pieces, *merges, "</w>");
    if (!vocabulary) return fail(vocabulary.error().within(path.string()));
    return make_clip(path, std::move(*vocabulary), {});
  }

  TokenizerResult load_tokenizer_json() {
    const auto path = path_ / "tokenizer.json";
    CLIPPATH_TRY(const Json json, read_json(path, kMaxVocabularyBytes, kMaxPieces));
    auto file = parse_tokenizer_json(json);
    if (!file) return fail(file.error().within(path.string()));
    if (config_.kind == TokenizerKind::kAnyJson) config_.kind.reset();
    if (auto* words = std::get_if<WordPieceFile>(&*file)) {
      CLIPPATH_TRY_VOID(require_kind(TokenizerKind::kWordPiece, "tokenizer.json"));
      WordPieceTokens tokens;
      tokens.unknown = words->unknown;
      tokens.separator = words->separator;
      tokens.classification = words->classification;
      return make_wordpiece(path, std::move(words->vocabulary), tokens, words->rules);
    }
    if (auto* bytes = std::get_if<ByteBpeFile>(&*file)) {
      CLIPPATH_TRY_VOID(require_kind(TokenizerKind::kByteBpe, "tokenizer.json"));
      return make_byte_bpe(path, std::move(*bytes));
    }
    CLIPPATH_TRY_VOID(require_kind(TokenizerKind::kClipBpe, "tokenizer.json"));
    auto& bytes = std::get<ClipBpeFile>(*file);
    return make_clip(path, std::move(bytes.vocabulary), {bytes.start, bytes.end, bytes.end});
  }

  TokenizerResult make_wordpiece(const std::filesystem::path& path, Vocabulary vocabulary,
                                 WordPieceTokens tokens, SplitRules rules) {
    tokens.unknown = config_.unknown.value_or(tokens.unknown);
    tokens.separator = config_.separator.value_or(tokens.separator);
    tokens.padding = config_.padding.value_or(tokens.padding);
    tokens.classification = config_.classification.value_or(tokens.classification);
    tokens.mask = config_.mask.value_or(tokens.mask);
    rules.unescape_html = is_open_clip_;
    auto made = WordPieceTokenizer::make(std::move(vocabulary), tokens, rules, special_);
    if (!made) return fail(made.error().within(path.string()));
    return std::make_unique<const WordPieceTokenizer>(std::move(*made));
  }

  TokenizerResult make_clip(const std::filesystem::path& path, BpeVocabulary vocabulary,
                            ClipTokens tokens) {
    tokens.start = config_.start.value_or(tokens.start);
    tokens.end = config_.end.value_or(tokens.end);
    tokens.padding = config_.padding.value_or(tokens.padding);
    const ClipRules rules = is_open_clip_ ? ClipRules::kOpenClip : ClipRules::kHuggingFace;
    auto made = ClipBpeTokenizer::make(std::move(vocabulary), tokens, rules, special_);
    if (!made) return fail(made.error().within(path.string()));
    return std::make_unique<const ClipBpeTokenizer>(std::move(*made));
  }

  TokenizerResult make_byte_bpe(const std::filesystem::path& path, ByteBpeFile file) {
    ByteBpeTokens tokens{file.start, file.end, "<pad>", std::move(file.added)};
    tokens.start = config_.start.value_or(tokens.start);
    tokens.end = config_.end.value_or(tokens.end);
    tokens.padding = config_.padding.value_or(tokens.padding);
    auto made = ByteBpeTokenizer::make(std::move(file.vocabulary), tokens, special_);
    if (!made) return fail(made.error().within(path.string()));
    return std::make_unique<const ByteBpeTokenizer>(std::move(*made));
  }

  std::filesystem::path path_;
  SpecialTokens special_;
  bool is_open_clip_;
  TokenizerConfig config_;
};

}  // namespace

TokenizerResult load_tokenizer(const std::filesystem::path& folder, SpecialTokens special) {
  return Folder(folder, special).load();
}

}  // namespace clippath
