// SPDX-License-Identifier: Apache-2.0
#include "cli/text_lines.h"

#include <algorithm>
#include <cstdint>

#include "clippath/core/files.h"

namespace clippath::cli {
namespace {

constexpr std::uintmax_t kMaxTextBytes = std::uintmax_t{1} << 30U;

}  // namespace

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t length = end - begin;
    const bool carriage_return = length > 0 && text[end - 1] == '\r';
    lines.push_back(text.substr(begin, carriage_return ? length - 1 : length));
    begin = end + 1;
  }
  return lines;
}

Result<std::vector<std::string>> read_text_lines(const std::filesystem::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxTextBytes));
  return split_lines(text);
}

}  // namespace clippath::cli
