// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// The extension with its dot, ASCII letters in lower case: ".svs" of "A.SVS".
std::string lower_extension(const std::filesystem::path& path);

/// Reads a whole file. Fails: kNotFound, kTooLarge over `max_bytes`, kInternal; each names the
/// path.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path,
                                            std::uintmax_t max_bytes);
Result<std::string> read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes);

/// Writes a file so that after success its bytes are on disk under that name, and after a failure
/// or a crash the old file is whole: temporary file, fsync, rename, fsync of the folder. Fails:
/// kOutOfSpace if the disk is full, kInternal otherwise; each names the path.
Result<void> write_file_durably(const std::filesystem::path& path,
                                std::span<const std::uint8_t> bytes);

/// Makes the names in a folder durable. Fails: kInternal.
Result<void> sync_folder(const std::filesystem::path& folder);

/// The error of a failed system call: kOutOfSpace for a full disk, kNotFound for a missing file,
/// else kInternal.
Error system_error(int error_number, std::string what);

}  // namespace clippath
