// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"

namespace clippath::cli {

/// The lines of a text, without their ends; a last line needs none.
std::vector<std::string> split_lines(const std::string& text);

/// Those of a file of at most 1 GiB. Fails: as read_text_file.
Result<std::vector<std::string>> read_text_lines(const std::filesystem::path& path);

}  // namespace clippath::cli
