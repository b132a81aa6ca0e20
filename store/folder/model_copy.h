// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"

namespace clippath {

/// Keeps the regular files of a model folder (not its subfolders) under another name: as hard links
/// where the file system allows, else as copies. `to` appears as a whole or not at all, and is
/// durable when this returns; it must not exist. A link is followed to its file, for model caches
/// are full of them.
/// Fails: kNotFound if `from` is no folder; kInvalidArgument if it holds no file; kOutOfSpace;
/// kInternal.
Result<void> keep_model_folder(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace clippath
