// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/sections.h"

#include <algorithm>
#include <fstream>

namespace clippath::fuzz {

Sections sections_of(std::string_view input) {
  constexpr std::string_view kMark = "=== ";
  Sections sections;
  std::string* current = nullptr;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    const std::string_view with_break = input.substr(0, std::min(end + 1, input.size()));
    if (line.starts_with(kMark)) {
      const auto [place, is_new] = sections.try_emplace(std::string(line.substr(kMark.size())));
      current = is_new ? &place->second : nullptr;
    } else if (current != nullptr) {
      current->append(with_break);
    }
    input.remove_prefix(with_break.size());
  }
  return sections;
}

void SectionsFolder::write(const Sections& sections,
                           std::initializer_list<const char*> names) const {
  for (const char* name : names) {
    const auto found = sections.find(name);
    if (found == sections.end()) {
      std::filesystem::remove(path() / name);
    } else {
      std::ofstream(path() / name, std::ios::binary) << found->second;
    }
  }
}

}  // namespace clippath::fuzz
