// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"

namespace clippath {

/// What `clippath.json` says.
struct FolderDocument {
  std::string created;  ///< UTC, `2026-01-31T10:00:00Z`
  std::string profile = "research";
  std::vector<EncoderEntry> encoders;       ///< first one the default
  std::vector<PipelineDocument> pipelines;  ///< in the order in which they were first used
};

inline constexpr const char* kFolderDocumentName = "clippath.json";

/// A document for a new folder, created now.
FolderDocument new_folder_document();

/// Fails: kNotFound; kUnsupported for a newer format version; kCorruption, naming the field.
Result<FolderDocument> read_folder_document(const std::filesystem::path& folder);

/// Durable when it returns. Fails: kOutOfSpace, kInternal.
Result<void> write_folder_document(const std::filesystem::path& folder,
                                   const FolderDocument& document);

}  // namespace clippath
