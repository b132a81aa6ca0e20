// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "clippath/core/embedding.h"

namespace clippath::test {

/// Every searchable patch of a data folder: id -> stored vector.
std::map<std::string, Embedding> patches_in(const std::filesystem::path& data_folder);

}  // namespace clippath::test
