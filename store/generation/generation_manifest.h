// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

/// A file of a generation. Its name has no folder.
struct GenerationFile {
  std::string name;
  std::string type;
  std::uint64_t size_bytes = 0;
  std::string sha256;  ///< hex
};

/// What `manifest.json` of a generation says (docs/formats/generations.md).
struct GenerationManifest {
  Collection collection = Collection::kPatches;
  std::uint64_t generation = 0;
  EncoderId encoder;
  std::size_t dimension = 0;
  std::int64_t rows = 0;
  std::uint64_t sequence = 0;  ///< of the records that it was made from
  std::uint64_t ids_hash = 0;  ///< IdsHash over the ids in row order
  GenerationFile vectors;
};

/// A hash over ids in their order: each step is xxh3 over the eight bytes of the hash so far
/// (little-endian), then the id. Begins at 0. One thread at a time.
class IdsHash {
 public:
  void add(std::string_view id);
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

std::string encode_manifest(const GenerationManifest& manifest);
/// Strict: what this program would not have written is refused. Fails: kCorruption naming the
/// field.
Result<GenerationManifest> decode_manifest(std::string_view text);

}  // namespace clippath
