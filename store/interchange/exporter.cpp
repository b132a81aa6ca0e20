// SPDX-License-Identifier: Apache-2.0
#include "store/interchange/exporter.h"

#include <string_view>
#include <system_error>

namespace clippath {

std::string ExportedSeries::folder() const {
  constexpr std::string_view kMicrons = " um";
  const std::string& field = pipeline.field_of_view;
  if (field.ends_with(kMicrons)) {
    const std::string number = field.substr(0, field.size() - kMicrons.size());
    // The document may have come with somebody's file.
    const bool plain = number.find_first_not_of("0123456789.") == std::string::npos;
    if (plain && !number.empty() && number.size() < 20) return number + "um";
  }
  return std::to_string(series.level0_extent) + "px";
}

Result<std::filesystem::path> Exporter::place(const std::filesystem::path& file) const {
  std::filesystem::path path = out_ / file;
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return fail(ErrorKind::kInternal,
                path.parent_path().string() + ": cannot be made: " + error.message());
  }
  return path;
}

}  // namespace clippath
