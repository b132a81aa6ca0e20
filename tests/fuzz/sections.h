// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "tests/support/temp_dir.h"

namespace clippath::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

using Sections = std::map<std::string, std::string, std::less<>>;

/// Several files in one input: a line "=== NAME" begins one, which ends before the next such line.
/// What stands before the first is left out; of two with one name the first counts.
Sections sections_of(std::string_view input);

/// A folder that is emptied before each input.
class SectionsFolder {
 public:
  /// Writes the sections with these names as files, and removes those that are not there.
  void write(const Sections& sections, std::initializer_list<const char*> names) const;

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  test::TempDir folder_;
};

}  // namespace clippath::fuzz
