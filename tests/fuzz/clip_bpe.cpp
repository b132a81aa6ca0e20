// SPDX-License-Identifier: Apache-2.0
// CLIP's BPE with its real vocabulary, against a simple one. The first byte of the input holds the
// options.
#include <memory>

#include "clippath/core/check.h"
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/clip_bpe.h"
#include "encoder/tokenizer/tokenizer_json.h"
#include "encoder/tokenizer/unicode.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/simple_bpe.h"
#include "tests/fuzz/token_invariants.h"

namespace clippath::fuzz {
namespace {

struct Files {
  std::vector<BpeVocabulary::Piece> pieces;
  std::vector<BpeVocabulary::Pair> merges;
};

Files read_files() {
  const std::filesystem::path folder = CLIPPATH_SOURCE_DIR "/tests/golden/tokenizers/clip";
  const auto text = read_text_file(folder / "vocab.json", 1U << 20U);
  CLIPPATH_CHECK(text.has_value());
  const auto json = parse_json(*text, {.max_bytes = 1U << 20U, .max_keys = 100'000});
  CLIPPATH_CHECK(json.has_value());
  const auto merges = read_text_file(folder / "merges.txt", 1U << 20U);
  CLIPPATH_CHECK(merges.has_value());
  return {read_pieces(*json, "").value(), BpeVocabulary::parse_merges(*merges).value()};
}

/// The pieces spell the words of the cleaned text, and are those of the simple algorithm.
void check_spelling(const SimpleBpe& simple, const std::vector<std::int64_t>& ids,
                    std::string_view text, ClipRules rules) {
  const std::u32string clean = clean_clip_text(text, rules);
  const std::span<const std::int64_t> numbers(ids.begin(), ids.end() - 1);
  std::size_t next = 1;
  for (std::size_t begin = 0; begin < clean.size();) {
    const std::size_t end = end_of_clip_word(clean, begin, rules);
    CLIPPATH_CHECK(end >= begin && end <= clean.size());
    if (end > begin) simple.check_word(to_utf8(clean, begin, end), numbers, next);
    begin = std::max(end, begin + 1);
  }
  CLIPPATH_CHECK(next == numbers.size());
}

struct Subject {
  Subject() {
    const Files files = read_files();
    simple = std::make_unique<const SimpleBpe>(files.pieces, files.merges, "</w>");
    const BpeVocabulary vocabulary =
        BpeVocabulary::make(files.pieces, files.merges, "</w>").value();
    for (const ClipRules rules : {ClipRules::kHuggingFace, ClipRules::kOpenClip}) {
      for (const SpecialTokens special : {SpecialTokens::kAsText, SpecialTokens::kMatch}) {
        tokenizers.push_back(ClipBpeTokenizer::make(vocabulary, {}, rules, special).value());
      }
    }
  }
  std::unique_ptr<const SimpleBpe> simple;
  std::vector<ClipBpeTokenizer> tokenizers;
};

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  static const fuzz::Subject subject;
  if (size == 0) return 0;
  const unsigned options = data[0];
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const bool match = (options & 1U) != 0;
  const bool open_clip = (options & 2U) != 0;
  const auto& tokenizer = subject.tokenizers[(open_clip ? 2U : 0U) + (match ? 1U : 0U)];
  fuzz::check_tokens(tokenizer, text, 2 + (options >> 2U));
  if (!match) {
    fuzz::check_spelling(*subject.simple, tokenizer.encode(text, 0), text,
                         open_clip ? ClipRules::kOpenClip : ClipRules::kHuggingFace);
  }
  return 0;
}
