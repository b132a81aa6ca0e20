// SPDX-License-Identifier: Apache-2.0
// BERT's WordPiece with a real vocabulary, against a simple one that tries every length of a piece;
// and the quick way of splitting ASCII against the one for all of Unicode. The first byte of the
// input holds the options, the second the limit.
#include <array>
#include <map>
#include <optional>

#include "clippath/core/check.h"
#include "clippath/core/files.h"
#include "encoder/tokenizer/clip_text.h"
#include "encoder/tokenizer/unicode.h"
#include "encoder/tokenizer/wordpiece.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/token_invariants.h"

namespace clippath::fuzz {
namespace {

constexpr std::size_t kMostCharacters = 100;

const std::string& vocabulary_text() {
  static const std::string text =
      read_text_file(CLIPPATH_SOURCE_DIR "/tests/golden/tokenizers/bert_cased_vocab.txt", 1U << 20U)
          .value();
  return text;
}

SplitRules rules_of(unsigned options) {
  return {.lower_case = (options & 1U) != 0,
          .strip_accents = (options & 2U) != 0,
          .split_ideographs = (options & 4U) != 0,
          .unescape_html = (options & 8U) != 0};
}

SpecialTokens special_of(unsigned options) {
  return (options & 16U) != 0 ? SpecialTokens::kMatch : SpecialTokens::kAsText;
}

const WordPieceTokenizer& tokenizer_of(unsigned options) {
  static std::array<std::optional<WordPieceTokenizer>, 32> made;
  auto& tokenizer = made[options % made.size()];
  if (!tokenizer) {
    tokenizer = WordPieceTokenizer::make(Vocabulary::parse(vocabulary_text()).value(), {},
                                         rules_of(options), special_of(options))
                    .value();
  }
  return *tokenizer;
}

class SimpleWordPiece {
 public:
  SimpleWordPiece() {
    std::string piece;
    std::int64_t number = 0;
    for (char c : vocabulary_text()) {
      if (c != '\n') {
        piece.push_back(c);
        continue;
      }
      pieces_[piece] = number++;
      piece.clear();
    }
  }

  void append(const Word& word, std::vector<std::int64_t>& ids) const {
    std::vector<std::int64_t> pieces;
    const bool known = word.characters <= kMostCharacters && cut(word.text, pieces);
    if (!known) pieces = {pieces_.at("[UNK]")};
    ids.insert(ids.end(), pieces.begin(), pieces.end());
  }

  [[nodiscard]] std::int64_t id(const char* piece) const { return pieces_.at(piece); }

 private:
  bool cut(const std::string& text, std::vector<std::int64_t>& pieces) const {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = text.size();
      const std::string prefix = begin == 0 ? "" : "##";
      while (end > begin && !pieces_.contains(prefix + text.substr(begin, end - begin))) --end;
      if (end == begin) return false;
      pieces.push_back(pieces_.at(prefix + text.substr(begin, end - begin)));
      begin = end;
    }
    return true;
  }

  std::map<std::string, std::int64_t> pieces_;
};

std::string cleaned(std::string_view text, const SplitRules& rules) {
  if (!rules.unescape_html) return std::string(text);
  std::string bytes;
  for (char32_t code : open_clip_text(text)) append_utf8(bytes, code);
  return bytes;
}

void check_pieces(const std::vector<std::int64_t>& ids, std::string_view text,
                  const SplitRules& rules) {
  static const SimpleWordPiece simple;
  std::vector<std::int64_t> expected = {simple.id("[CLS]")};
  for (const Word& word : split_words(cleaned(text, rules), rules)) simple.append(word, expected);
  expected.push_back(simple.id("[SEP]"));
  CLIPPATH_CHECK(ids == expected);
}

/// A word behind the text that is not ASCII sends all of it the long way.
void check_ascii(std::string_view text, const SplitRules& rules) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return;
  }
  const auto quick = split_words(text, rules);
  const auto slow = split_words(std::string(text) + " \xc3\xa9", rules);
  CLIPPATH_CHECK(slow.size() == quick.size() + 1);
  for (std::size_t i = 0; i < quick.size(); ++i) {
    CLIPPATH_CHECK(quick[i].text == slow[i].text && quick[i].characters == slow[i].characters);
  }
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  if (size < 2) return 0;
  const unsigned options = data[0];
  const std::string_view text = fuzz::text_of(data + 2, size - 2);
  const auto& tokenizer = fuzz::tokenizer_of(options);
  const SplitRules rules = fuzz::rules_of(options);
  fuzz::check_tokens(tokenizer, text, 2 + std::size_t{data[1]});
  if (fuzz::special_of(options) == SpecialTokens::kAsText) {
    fuzz::check_pieces(tokenizer.encode(text, 0), text, rules);
  }
  fuzz::check_ascii(text, rules);
  return 0;
}
