// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

inline constexpr const char* kFolderLockName = "LOCK";

/// The right to use a data folder, as flock on its LOCK file: kWrite alone, kRead shared. Ends with
/// the object or the process, however that ends; never waits. One thread at a time.
class FolderLock {
 public:
  /// kWrite creates the file where it is missing.
  /// Fails: kFailedPrecondition naming the holder's pid, what it does, and what to do; kNotFound
  /// (kRead); kOutOfSpace; kInternal.
  static Result<std::unique_ptr<FolderLock>> take(const std::filesystem::path& folder,
                                                  Access access);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Writes into the file who holds it and what for, as others will be told. Only for kWrite.
  /// Fails: kOutOfSpace, kInternal.
  Result<void> sign(const std::string& purpose);

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_;
  bool signed_ = false;
};

}  // namespace clippath
