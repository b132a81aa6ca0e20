// SPDX-License-Identifier: Apache-2.0
#include "clippath/text_windows.h"

#include <algorithm>

#include "clippath/core/check.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

constexpr std::size_t kOuterTokens = 2;
// Without it a word of a megabyte would be encoded again for each of its windows.
constexpr std::size_t kMaxBytesPerToken = 64;

/// Ends of the units of one kind, in bytes, rising; the last is the end of the text.
using Ends = std::vector<std::size_t>;

bool ends_sentence(char32_t code) {
  return code == '.' || code == '!' || code == '?' || code == ';' || code == 0x3002;
}

/// White space belongs to what stands before it. A dot within a number or a word ends nothing.
struct Units {
  Ends sentences;
  Ends words;
  Ends characters;
};

Units units_of(std::string_view text) {
  Units units;
  char32_t sign = 0;  // the last that is no white space
  bool after_space = false;
  bool after_line = false;
  for (std::size_t position = 0; position < text.size();) {
    const std::size_t begin = position;
    const char32_t code = decode_utf8(text, position);
    const bool space = is_white_space(code);
    if (!space && after_space) {
      units.words.push_back(begin);
      if (ends_sentence(sign) || after_line) units.sentences.push_back(begin);
    }
    if (!space) sign = code;
    after_line = space && (code == '\n' || (after_space && after_line));
    after_space = space;
    units.characters.push_back(position);
  }
  for (Ends* ends : {&units.sentences, &units.words}) ends->push_back(text.size());
  return units;
}

/// Finds the windows one after another.
class Splitter {
 public:
  Splitter(std::string_view text, const Tokenizer& tokenizer, std::size_t max_tokens)
      : text_(text), tokenizer_(tokenizer), max_tokens_(max_tokens), units_(units_of(text)) {}

  [[nodiscard]] TextWindow next(std::size_t begin) const {
    if (begin == 0 && fits_at_any_length(0, text_.size())) return cut(0, text_.size());
    for (const Ends* ends : {&units_.sentences, &units_.words, &units_.characters}) {
      if (const std::size_t end = last_that_fits(begin, *ends); end > begin) return cut(begin, end);
    }
    // Not even one character fits: its beginning must do.
    return cut(begin, *first_behind(units_.characters, begin));
  }

 private:
  static Ends::const_iterator first_behind(const Ends& ends, std::size_t begin) {
    return std::upper_bound(ends.begin(), ends.end(), begin);
  }

  [[nodiscard]] std::vector<std::int64_t> encode(std::size_t begin, std::size_t end,
                                                 std::size_t limit) const {
    return tokenizer_.encode(text_.substr(begin, end - begin), limit);
  }

  /// With room for one token more it shows whether one was cut off.
  [[nodiscard]] bool fits(std::size_t begin, std::size_t end) const {
    return end - begin <= kMaxBytesPerToken * max_tokens_ && fits_at_any_length(begin, end);
  }

  [[nodiscard]] bool fits_at_any_length(std::size_t begin, std::size_t end) const {
    return encode(begin, end, max_tokens_ + 1).size() <= max_tokens_;
  }

  /// Doubles the number of units until they do not fit, then halves the doubt: each try encodes a
  /// text of about a window, never the whole rest. @return `begin` if not even one unit fits.
  [[nodiscard]] std::size_t last_that_fits(std::size_t begin, const Ends& ends) const {
    const auto first = first_behind(ends, begin);
    const auto units = static_cast<std::size_t>(ends.end() - first);
    const auto end_of = [&](std::size_t count) {
      return first[static_cast<std::ptrdiff_t>(count) - 1];
    };
    std::size_t fitting = 0;
    std::size_t step = 1;
    while (fitting < units) {
      const std::size_t tried = std::min(units, fitting + step);
      if (!fits(begin, end_of(tried))) break;
      fitting = tried;
      step *= 2;
    }
    for (; step > 0; step /= 2) {
      const std::size_t tried = fitting + step;
      if (tried <= units && fits(begin, end_of(tried))) fitting = tried;
    }
    return fitting == 0 ? begin : end_of(fitting);
  }

  [[nodiscard]] TextWindow cut(std::size_t begin, std::size_t end) const {
    TextWindow window{encode(begin, end, max_tokens_), begin, end, 0};
    window.weight = window.ids.size() - kOuterTokens;
    return window;
  }

  std::string_view text_;
  const Tokenizer& tokenizer_;
  std::size_t max_tokens_;
  Units units_;
};

}  // namespace

std::vector<TextWindow> split_windows(std::string_view text, const Tokenizer& tokenizer,
                                      std::size_t max_tokens) {
  CLIPPATH_CHECK(max_tokens >= kLeastWindowTokens);
  const Splitter splitter(text, tokenizer, max_tokens);
  std::vector<TextWindow> windows;
  for (std::size_t begin = 0; begin < text.size(); begin = windows.back().end) {
    windows.push_back(splitter.next(begin));
  }
  if (windows.empty()) windows.push_back({tokenizer.encode(text, max_tokens), 0, 0, 0});
  return windows;
}

}  // namespace clippath
