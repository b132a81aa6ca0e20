// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/vectors.h"
#include "store/generation/generation_manifest.h"

namespace clippath {

/// A generation as it was read from disk.
struct LoadedGeneration {
  GenerationManifest manifest;
  std::unique_ptr<const VectorIndex> vectors;
};

std::filesystem::path generation_folder(const DataFolder& folder, std::uint64_t generation);

/// Reads a generation after its manifest was found to have the SHA-256 that stands in the records.
/// Fails: kNotFound if a file is missing; kCorruption naming the file.
Result<LoadedGeneration> load_generation(const DataFolder& folder, Collection collection,
                                         const Records::CurrentGeneration& current);

/// Writes a generation under the next free number, loads it from disk as load_generation does, and
/// makes it the current one; then removes generations of this collection and encoder before the
/// previous one. `manifest` lacks its number and file. Crash-safe: the generation is complete under
/// its number, or a `.tmp` folder that the next opening removes. Fails: kOutOfSpace, kInternal.
Result<LoadedGeneration> publish_generation(DataFolder& folder, GenerationManifest manifest,
                                            std::unique_ptr<const VectorIndex> vectors);

/// Moves a damaged generation to quarantine/<utc>-generation-<n>; none is there where it is missing
/// as a whole. Fails: kInternal, kOutOfSpace.
Result<void> quarantine_generation(const DataFolder& folder, std::uint64_t generation);

}  // namespace clippath
