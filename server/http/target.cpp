// SPDX-License-Identifier: Apache-2.0
#include "server/http/target.h"

#include <cstdint>
#include <optional>

namespace clippath {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  return std::nullopt;
}

Result<std::string> percent_decoded(std::string_view text, bool plus_is_space,
                                    const std::string& what) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] == '%') {
      const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
      if (!high || !low) {
        return fail(
            {ErrorKind::kInvalidArgument, what + ": '%' must be followed by two hex digits", what});
      }
      decoded += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  if (!is_clean_text(decoded)) {
    return fail(
        {ErrorKind::kInvalidArgument, what + ": must be UTF-8 without control characters", what});
  }
  return decoded;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  if (path.empty() || path.front() != '/') {
    return fail({ErrorKind::kInvalidArgument, "path: must begin with '/'", "path"});
  }
  std::vector<std::string> segments;
  if (path == "/") return segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    CLIPPATH_TRY(std::string segment,
                 percent_decoded(path.substr(begin, end - begin), false, "path"));
    if (segment.empty() || segment == "." || segment == "..") {
      return fail({ErrorKind::kInvalidArgument, "path: has an empty, '.' or '..' segment", "path"});
    }
    segments.push_back(std::move(segment));
    begin = end + 1;
  }
  return segments;
}

Result<void> parse_query(std::string_view query, Target& target) {
  for (std::size_t begin = 0; begin <= query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view pair = query.substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return fail({ErrorKind::kInvalidArgument, "query: every parameter is name=value", "query"});
    }
    CLIPPATH_TRY(std::string name, percent_decoded(pair.substr(0, equals), true, "query"));
    CLIPPATH_TRY(std::string value, percent_decoded(pair.substr(equals + 1), true, name));
    if (target.parameter(name) != nullptr) {
      return fail({ErrorKind::kInvalidArgument, name + ": stands twice in the query", name});
    }
    target.parameters.emplace_back(std::move(name), std::move(value));
    begin = end + 1;
  }
  return {};
}

/// Length of the UTF-8 sequence that begins at `i`, 0 when there is none (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF).
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
  };
  const auto follows = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const std::uint8_t first = byte(i);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(i + 1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (first == 0xE0 && byte(i + 1) < 0xA0) return 0;
    if (first == 0xED && byte(i + 1) > 0x9F) return 0;
    return follows(i + 1) && follows(i + 2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (first == 0xF0 && byte(i + 1) < 0x90) return 0;
    if (first == 0xF4 && byte(i + 1) > 0x8F) return 0;
    return follows(i + 1) && follows(i + 2) && follows(i + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_clean_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return false;
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

const std::string* Target::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return &value;
  }
  return nullptr;
}

Result<Target> parse_target(std::string_view target) {
  const std::size_t question = target.find('?');
  Target parsed;
  CLIPPATH_TRY(parsed.segments, parse_path(target.substr(0, question)));
  if (question != std::string_view::npos && question + 1 < target.size()) {
    CLIPPATH_TRY_VOID(parse_query(target.substr(question + 1), parsed));
  }
  return parsed;
}

}  // namespace clippath
