// SPDX-License-Identifier: Apache-2.0
// CONCH's byte-level BPE with the vocabulary of the tiny CONCH, against a simple one. The first
// byte of the input holds the options.
#include <algorithm>
#include <memory>

#include "clippath/core/check.h"
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/tokenizer/byte_bpe_text.h"
#include "encoder/tokenizer/tokenizer_json.h"
#include "encoder/tokenizer/unicode.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/simple_bpe.h"
#include "tests/fuzz/token_invariants.h"

namespace clippath::fuzz {
namespace {

const std::filesystem::path kFolder = CLIPPATH_SOURCE_DIR "/tests/golden/models/conch-tiny";
constexpr std::array<std::u32string_view, 7> kContractions = {U"'s", U"'t",  U"'re", U"'ve",
                                                              U"'m", U"'ll", U"'d"};

struct Subject {
  Subject() {
    const auto text = read_text_file(kFolder / "tokenizer.json", 1U << 20U);
    CLIPPATH_CHECK(text.has_value());
    const auto json = parse_json(*text, {.max_bytes = 1U << 20U, .max_keys = 1000});
    CLIPPATH_CHECK(json.has_value());
    const Json& model = json->at("model");
    std::vector<BpeVocabulary::Pair> merges;
    for (const Json& pair : model.at("merges")) {
      merges.emplace_back(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
    }
    simple =
        std::make_unique<const SimpleBpe>(read_pieces(model.at("vocab"), "").value(), merges, "");
    for (const Json& token : json->at("added_tokens")) {
      added.emplace_back(token.at("content").get<std::string>(), token.at("id").get<int>());
    }
    for (const SpecialTokens special : {SpecialTokens::kAsText, SpecialTokens::kMatch}) {
      tokenizers.push_back(load_tokenizer(kFolder, special).value());
    }
  }

  /// The token that is matched where the text begins. Those that stand around a text are only
  /// matched if `outer`.
  [[nodiscard]] const BpeVocabulary::Piece* token_at(std::string_view text, bool outer) const {
    const auto found = std::find_if(added.begin(), added.end(), [&](const auto& token) {
      const bool is_outer = !token.first.starts_with("<|");
      return (outer || !is_outer) && text.starts_with(token.first);
    });
    return found == added.end() ? nullptr : &*found;
  }

  std::unique_ptr<const SimpleBpe> simple;
  std::vector<BpeVocabulary::Piece> added;  ///< none begins like another
  std::vector<std::unique_ptr<const Tokenizer>> tokenizers;
};

/// A contraction; white space; or letters, numbers or other signs, with one space before them at
/// most, and as many as there are.
void check_cut(std::u32string_view text, std::size_t begin, std::size_t end) {
  const std::u32string_view word = text.substr(begin, end - begin);
  if (std::find(kContractions.begin(), kContractions.end(), word) != kContractions.end()) return;
  const auto class_of = [](char32_t code) {
    return is_white_space(code) ? 0 : is_letter(code) ? 1 : is_number(code) ? 2 : 3;
  };
  const int last = class_of(word.back());
  const bool spaced = last != 0 && word.front() == U' ';
  for (char32_t code : word.substr(spaced ? 1 : 0)) CLIPPATH_CHECK(class_of(code) == last);
  if (end == text.size()) return;
  const int behind = class_of(text[end]);
  if (last != 0) {
    CLIPPATH_CHECK(behind != last);
  } else {
    CLIPPATH_CHECK(behind == 0 || word.size() == 1);
  }
}

void check_clean_ascii(std::string_view text, std::u32string_view clean) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(text.begin(), text.end(), is_ascii)) return;
  std::u32string expected = text.empty() || text.front() == ' ' ? U"" : U" ";
  for (char c : text) expected += static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  CLIPPATH_CHECK(clean == expected);
}

void check_words(const SimpleBpe& simple, std::string_view text,
                 std::span<const std::int64_t> numbers, std::size_t& next) {
  const std::u32string clean = clean_byte_bpe_text(text);
  check_clean_ascii(text, clean);
  for (std::size_t begin = 0; begin < clean.size();) {
    const std::size_t end = end_of_gpt2_word(clean, begin);
    CLIPPATH_CHECK(end > begin && end <= clean.size());
    check_cut(clean, begin, end);
    simple.check_word(to_utf8(clean, begin, end), numbers, next);
    begin = end;
  }
}

/// The numbers are those of the tokens in the text, and between them those of its words.
void check_numbers(const Subject& subject, const std::vector<std::int64_t>& ids,
                   std::string_view text, bool outer) {
  const std::span<const std::int64_t> numbers(ids.begin(), ids.end() - 1);
  std::size_t next = 1;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto* token = subject.token_at(text.substr(i), outer);
    if (token == nullptr) continue;
    check_words(*subject.simple, text.substr(begin, i - begin), numbers, next);
    CLIPPATH_CHECK(next < numbers.size() && numbers[next] == token->second);
    ++next;
    begin = i + token->first.size();
    i = begin - 1;
  }
  check_words(*subject.simple, text.substr(begin), numbers, next);
  CLIPPATH_CHECK(next == numbers.size());
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  static const fuzz::Subject subject;
  if (size == 0) return 0;
  const unsigned options = data[0];
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  const bool match = (options & 1U) != 0;
  const Tokenizer& tokenizer = *subject.tokenizers[match ? 1 : 0];
  fuzz::check_tokens(tokenizer, text, 2 + (options >> 1U));
  fuzz::check_numbers(subject, tokenizer.encode(text, 0), text, match);
  return 0;
}
