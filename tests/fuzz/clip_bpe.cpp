// SPDX-License-Identifier: Apache-2.0
// CLIP's BPE with its real vocabulary, against a simple one: of all pairs of neighbours that join,
// the earliest of the list does, again and again. The first byte of the input holds the options.
#include <fstream>
#include <map>
#include <memory>

#include "clippath/core/check.h"
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/clip_bpe.h"
#include "encoder/tokenizer/tokenizer_json.h"
#include "encoder/tokenizer/unicode.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/token_invariants.h"

namespace clippath::fuzz {
namespace {

constexpr std::size_t kMostBytes =
    64;  // of a word that the simple one joins: it takes their square

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

class SimpleBpe {
 public:
  explicit SimpleBpe(const Files& files) : pieces_(files.pieces.begin(), files.pieces.end()) {
    std::size_t rank = 0;
    for (const auto& pair : files.merges) ranks_[pair] = rank++;
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
      append_utf8(alphabet_[byte], prints ? byte : next++);
    }
    for (const auto& [piece, number] : pieces_) spelled_[number] = piece;
  }

  [[nodiscard]] std::string spell(std::string_view word) const {
    std::string text;
    for (char byte : word) text += alphabet_[static_cast<unsigned char>(byte)];
    return text + "</w>";
  }

  [[nodiscard]] const std::string& piece(std::int64_t id) const { return spelled_.at(id); }

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view word) const {
    std::vector<std::string> parts;
    for (char byte : word) parts.push_back(alphabet_[static_cast<unsigned char>(byte)]);
    parts.back() += "</w>";
    for (;;) {
      std::size_t best = ranks_.size();
      std::size_t place = 0;
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ranks_.find({parts[i], parts[i + 1]});
        if (found == ranks_.end() || found->second >= best) continue;
        best = found->second;
        place = i;
      }
      if (best == ranks_.size()) break;
      parts[place] += parts[place + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place) + 1);
    }
    std::vector<std::int64_t> ids;
    for (const std::string& part : parts) ids.push_back(pieces_.at(part));
    return ids;
  }

 private:
  std::map<std::string, std::int64_t> pieces_;
  std::map<std::int64_t, std::string> spelled_;
  std::map<BpeVocabulary::Pair, std::size_t> ranks_;
  std::array<std::string, 256> alphabet_;
};

std::string utf8_of(std::u32string_view text) {
  std::string bytes;
  for (char32_t code : text) append_utf8(bytes, code);
  return bytes;
}

/// The pieces spell the words of the cleaned text, and are those of the simple algorithm.
void check_spelling(const SimpleBpe& simple, const std::vector<std::int64_t>& ids,
                    std::string_view text, ClipRules rules) {
  const std::u32string clean = clean_clip_text(text, rules);
  std::size_t next = 1;
  for (std::size_t begin = 0; begin < clean.size();) {
    const std::size_t end = end_of_clip_word(clean, begin, rules);
    CLIPPATH_CHECK(end >= begin && end <= clean.size());
    const std::string word = utf8_of(std::u32string_view(clean).substr(begin, end - begin));
    begin = std::max(end, begin + 1);
    if (word.empty()) continue;
    const std::string wanted = simple.spell(word);
    std::string spelled;
    std::vector<std::int64_t> pieces;
    while (spelled.size() < wanted.size()) {
      CLIPPATH_CHECK(next + 1 < ids.size());
      pieces.push_back(ids[next++]);
      spelled += simple.piece(pieces.back());
    }
    CLIPPATH_CHECK(spelled == wanted);
    if (word.size() <= kMostBytes) CLIPPATH_CHECK(pieces == simple.encode(word));
  }
  CLIPPATH_CHECK(next + 1 == ids.size());
}

struct Subject {
  Subject() {
    const Files files = read_files();
    simple = std::make_unique<const SimpleBpe>(files);
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
