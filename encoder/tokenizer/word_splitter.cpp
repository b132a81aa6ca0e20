// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/word_splitter.h"

#include <algorithm>

#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

/// Collects words from characters that are clean already.
class WordCollector {
 public:
  void add(char32_t code) {
    if (is_white_space(code)) {
      end_word();
    } else if (is_bert_punctuation(code)) {
      end_word();
      append(code);
      end_word();
    } else {
      append(code);
    }
  }

  std::vector<Word> finish() {
    end_word();
    return std::move(words_);
  }

 private:
  void append(char32_t code) {
    append_utf8(word_.text, code);
    ++word_.characters;
  }
  void end_word() {
    if (word_.characters > 0) words_.push_back(std::move(word_));
    word_ = {};
  }

  std::vector<Word> words_;
  Word word_;
};

/// UTF-8 without what is dropped, with a space for every white space and around ideographs.
std::string clean(std::string_view text, bool split_ideographs) {
  std::string cleaned;
  cleaned.reserve(text.size() + 8);
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code = decode_utf8(text, position);
    if (code == 0 || code == kReplacementCharacter || is_bert_control(code)) continue;
    if (is_white_space(code)) {
      cleaned.push_back(' ');
    } else if (split_ideographs && is_bert_ideograph(code)) {
      cleaned.push_back(' ');
      append_utf8(cleaned, code);
      cleaned.push_back(' ');
    } else {
      append_utf8(cleaned, code);
    }
  }
  return cleaned;
}

std::vector<Word> split_unicode(std::string_view text, const SplitRules& rules) {
  const std::string cleaned = clean(text, rules.split_ideographs);
  const std::u32string decoded = decode(cleaned);
  const std::u32string codes = rules.strip_accents ? decompose(decoded) : decoded;
  WordCollector words;
  std::u32string lower;
  for (char32_t code : codes) {
    if (rules.strip_accents && is_nonspacing_mark(code)) continue;
    if (!rules.lower_case) {
      words.add(code);
      continue;
    }
    lower.clear();
    append_lower(lower, code);
    for (char32_t small : lower) words.add(small);
  }
  return words.finish();
}

/// The same for ASCII, where none of the Unicode tables is needed: nearly every query.
std::vector<Word> split_ascii(std::string_view text, bool lower_case) {
  std::vector<Word> words;
  Word word;
  const auto end_word = [&] {
    if (word.characters > 0) words.push_back(std::move(word));
    word = {};
  };
  for (char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code == ' ' || code == '\t' || code == '\n' || code == '\r') {
      end_word();
      continue;
    }
    if (code < 32 || code == 127) continue;
    const bool alone = is_bert_punctuation(code);
    if (alone) end_word();
    word.text.push_back(lower_case && c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    ++word.characters;
    if (alone) end_word();
  }
  end_word();
  return words;
}

}  // namespace

std::vector<Word> split_words(std::string_view text, const SplitRules& rules) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? split_ascii(text, rules.lower_case) : split_unicode(text, rules);
}

}  // namespace clippath
