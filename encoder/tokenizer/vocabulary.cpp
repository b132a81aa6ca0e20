// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/vocabulary.h"

#include <algorithm>
#include <limits>

namespace clippath {
namespace {

constexpr std::string_view kContinuation = "##";

Error empty() { return Error{ErrorKind::kInvalidArgument, "the vocabulary is empty"}; }

}  // namespace

Result<Vocabulary> Vocabulary::parse(const std::string& text) {
  Vocabulary vocabulary;
  std::int64_t number = 0;
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  vocabulary.pieces_.reserve(lines);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (piece.ends_with('\r')) piece.remove_suffix(1);
    vocabulary.add(piece, number++);
  }
  if (vocabulary.size_ == 0) return fail(empty());
  return vocabulary;
}

Result<Vocabulary> Vocabulary::make(
    const std::vector<std::pair<std::string, std::int64_t>>& pieces) {
  Vocabulary vocabulary;
  vocabulary.pieces_.reserve(pieces.size());
  for (const auto& [piece, number] : pieces) {
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) {
      return fail(ErrorKind::kInvalidArgument, "the piece '" + piece + "' has the number " +
                                                   std::to_string(number) +
                                                   ", which is negative or too large");
    }
    vocabulary.add(piece, number);
  }
  if (vocabulary.size_ == 0) return fail(empty());
  return vocabulary;
}

void Vocabulary::add(std::string_view piece, std::int64_t number) {
  size_ = std::max(size_, static_cast<std::size_t>(number) + 1);
  longest_piece_bytes_ = std::max(longest_piece_bytes_, piece.size());
  pieces_.insert_or_assign(std::string(piece), number);
  if (piece.starts_with(kContinuation)) {
    piece.remove_prefix(kContinuation.size());
    continuations_.insert_or_assign(std::string(piece), number);
  }
}

std::optional<std::int64_t> Vocabulary::find(std::string_view piece) const {
  const auto found = pieces_.find(piece);
  if (found == pieces_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> Vocabulary::find_continuation(std::string_view piece) const {
  const auto found = continuations_.find(piece);
  if (found == continuations_.end()) return std::nullopt;
  return found->second;
}

}  // namespace clippath
