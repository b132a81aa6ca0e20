// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// The extension with its dot, ASCII letters in lower case: ".svs" of "A.SVS".
std::string lower_extension(const std::filesystem::path& path);

/// Reads a whole file. Fails: kNotFound; kInvalidArgument for what is no regular file; kTooLarge
/// over `max_bytes`; kInternal; each names the path.
Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path,
                                            std::uintmax_t max_bytes);
Result<std::string> read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes);

/// Reads a file of any size piece by piece. Fails: kNotFound; kInvalidArgument for what is no
/// regular file; kInternal; each names the path; else what `take` fails with, which ends it.
Result<void> read_in_pieces(const std::filesystem::path& path,
                            const std::function<Result<void>(std::span<const std::uint8_t>)>& take);

/// Writes a file so that after success its bytes are on disk under that name, and after a failure
/// or a crash the old file is whole: temporary file, fsync, rename, fsync of the folder. Fails:
/// kOutOfSpace if the disk is full, kInternal otherwise; each names the path.
Result<void> write_file_durably(const std::filesystem::path& path,
                                std::span<const std::uint8_t> bytes);

/// Gives a finished file its name, in place of the one that may have it: fsync, rename, fsync of
/// the folder. Both names lie in one folder. Fails: as write_file_durably.
Result<void> publish_file(const std::filesystem::path& finished, const std::filesystem::path& path);

/// A file that is written piece by piece and appears under its name, whole and durable, when it is
/// committed; without that nothing is left of it. One thread at a time.
class StagedFile {
 public:
  /// Fails: as write_file_durably.
  static Result<StagedFile> create(const std::filesystem::path& path);
  ~StagedFile();
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&& other) noexcept;

  Result<void> append(std::span<const std::uint8_t> bytes);
  Result<void> append(std::string_view text);
  /// No call may follow.
  Result<void> commit();

 private:
  explicit StagedFile(std::filesystem::path path) : path_(std::move(path)) {}
  [[nodiscard]] std::filesystem::path temporary() const;
  Result<void> flush();

  std::filesystem::path path_;
  int fd_ = -1;  ///< -1: committed, or moved from
  std::string buffer_;
};

/// Makes the names in a folder durable. Fails: kInternal.
Result<void> sync_folder(const std::filesystem::path& folder);

/// The error of a failed system call: kOutOfSpace for a full disk, kNotFound for a missing file,
/// else kInternal.
Error system_error(int error_number, std::string what);

}  // namespace clippath
