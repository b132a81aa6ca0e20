// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clippath {

/// Finds special tokens that are spelled out in a text. One without tokens finds none. Immutable:
/// share freely.
class SpecialMatcher {
 public:
  using Token = std::pair<std::string, std::int64_t>;

  SpecialMatcher() = default;
  /// @param tokens  none empty.
  explicit SpecialMatcher(std::vector<Token> tokens);

  /// The longest token with which the text begins, or null.
  [[nodiscard]] const Token* at_begin(std::string_view text) const;

  /// Bytes of the longest token; 0 without tokens.
  [[nodiscard]] std::size_t longest() const {
    return tokens_.empty() ? 0 : tokens_.front().first.size();
  }

  struct Segment {
    std::string_view text;           ///< of the text that was split
    std::optional<std::int64_t> id;  ///< of the token that the segment is
  };
  /// Cuts a text at its tokens, leftmost first; leaves out empty segments.
  [[nodiscard]] std::vector<Segment> split(std::string_view text) const;

  /// Appends the numbers of the tokens, and calls `append_text(text, enough, ids)` for what stands
  /// between them, until there are `enough`.
  template <class AppendText>
  void append(std::string_view text, std::size_t enough, std::vector<std::int64_t>& ids,
              const AppendText& append_text) const {
    for (const Segment& segment : split(text)) {
      if (ids.size() >= enough) return;
      if (segment.id) {
        ids.push_back(*segment.id);
      } else {
        append_text(segment.text, enough, ids);
      }
    }
  }

 private:
  std::vector<Token> tokens_;  ///< longest first
};

}  // namespace clippath
