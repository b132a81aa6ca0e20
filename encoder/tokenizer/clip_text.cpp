// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/clip_text.h"

#include <algorithm>
#include <array>
#include <span>

#include "encoder/tokenizer/find_range.h"
#include "encoder/tokenizer/html_unescape.h"
#include "encoder/tokenizer/letter_ranges.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

constexpr char32_t kCapitalSigma = 0x3A3;
constexpr char32_t kFinalSigma = 0x3C2;
constexpr char32_t kLongS = 0x17F;
constexpr char32_t kIotaBelow = 0x345;

/// White space of Python's str.split: with the four separators of ASCII.
bool is_python_space(char32_t code) {
  return is_white_space(code) || (code >= 0x1C && code <= 0x1F);
}

bool is_within(std::span<const CodeRange> ranges, char32_t code) {
  return find_range(ranges, code) != nullptr;
}

/// A sigma ends a word if a cased letter stands before it and none behind it. One pass each way
/// keeps a long row of marks linear.
class SigmaRule {
 public:
  explicit SigmaRule(std::u32string_view text) : cased_follows_(text.size()) {
    bool follows = false;
    for (std::size_t i = text.size(); i-- > 0;) {
      cased_follows_[i] = follows;
      pass(text[i], follows);
    }
  }

  /// Whether the code point at `i` ends a word; called for every one, in order.
  bool ends_word(std::size_t i, char32_t code) {
    const bool ends = cased_before_ && !cased_follows_[i];
    pass(code, cased_before_);
    return ends;
  }

 private:
  static void pass(char32_t code, bool& cased) {
    if (is_within(cased_ranges(), code)) {
      cased = true;
    } else if (!is_within(case_ignorable_ranges(), code)) {
      cased = false;
    }
  }

  std::vector<bool> cased_follows_;
  bool cased_before_ = false;
};

std::u32string python_lower(std::u32string_view text) {
  std::u32string lowered;
  lowered.reserve(text.size());
  const bool by_place = text.find(kCapitalSigma) != std::u32string_view::npos;
  SigmaRule rule(by_place ? text : std::u32string_view());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (by_place && rule.ends_word(i, text[i]) && text[i] == kCapitalSigma) {
      lowered.push_back(kFinalSigma);
    } else {
      append_lower_unicode_14(lowered, text[i]);
    }
  }
  return lowered;
}

std::u32string lower_letter_by_letter(std::u32string_view text) {
  std::u32string lowered;
  lowered.reserve(text.size());
  for (char32_t code : text) append_lower(lowered, code);
  return lowered;
}

bool is_letter_to(ClipRules rules, char32_t code) {
  return is_letter(code) ||
         (rules == ClipRules::kOpenClip && is_within(later_letter_ranges(), code));
}

bool is_number_to(ClipRules rules, char32_t code) {
  return is_number(code) ||
         (rules == ClipRules::kOpenClip && is_within(later_number_ranges(), code));
}

bool is_other_to(ClipRules rules, char32_t code) {
  // Ignoring case makes this mark a letter to the one set of open_clip's expression and no sign to
  // the other: it is in neither.
  if (rules == ClipRules::kOpenClip && code == kIotaBelow) return false;
  return !is_white_space(code) && !is_letter_to(rules, code) && !is_number_to(rules, code);
}

std::size_t length_of_contraction(std::u32string_view text, ClipRules rules) {
  static constexpr std::array<std::u32string_view, 7> kEndings = {U"s", U"t",  U"re", U"ve",
                                                                  U"m", U"ll", U"d"};
  if (!text.starts_with(U'\'')) return 0;
  text.remove_prefix(1);
  for (const auto ending : kEndings) {
    if (text.starts_with(ending)) return 1 + ending.size();
  }
  // open_clip's expression ignores case, and a long s is another case of s.
  return rules == ClipRules::kOpenClip && text.starts_with(kLongS) ? 2 : 0;
}

}  // namespace

std::u32string open_clip_text(std::string_view text) {
  const std::u32string unescaped = html_unescape(html_unescape(decode(text)));
  std::u32string cleaned;
  cleaned.reserve(unescaped.size());
  for (char32_t code : unescaped) {
    if (!is_python_space(code)) {
      cleaned.push_back(code);
    } else if (!cleaned.empty() && cleaned.back() != U' ') {
      cleaned.push_back(U' ');
    }
  }
  if (cleaned.ends_with(U' ')) cleaned.pop_back();
  return cleaned;
}

std::u32string clean_clip_text(std::string_view text, ClipRules rules) {
  if (rules == ClipRules::kOpenClip) return python_lower(open_clip_text(text));
  return lower_letter_by_letter(compose(decode(text)));
}

std::size_t end_of_clip_word(std::u32string_view text, std::size_t begin, ClipRules rules) {
  if (const std::size_t length = length_of_contraction(text.substr(begin), rules)) {
    return begin + length;
  }
  if (is_number_to(rules, text[begin])) return begin + 1;
  const auto belongs = is_letter_to(rules, text[begin]) ? is_letter_to : is_other_to;
  const auto first = text.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto end =
      std::find_if_not(first, text.end(), [&](char32_t code) { return belongs(rules, code); });
  return static_cast<std::size_t>(end - text.begin());
}

}  // namespace clippath
