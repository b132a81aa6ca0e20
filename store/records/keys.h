// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "clippath/records.h"

namespace clippath {

/// What a record is. Do not change the values: on disk.
enum class RecordKind : std::uint8_t { kSlide = 1, kPatch = 2, kReport = 3, kCase = 4 };

/// What a vector was made of. Do not change the values: on disk.
enum class VectorKind : std::uint8_t { kImage = 1, kText = 2 };

/// The internal name of a record (docs/formats/records.md): tenant u32 = 0, collection u32, kind
/// u8, number u64, ordinal u32, all big-endian. `number` counts slides or reports; `ordinal` counts
/// the patches of a slide and is 0 for all else.
struct RecordKey {
  Collection collection = Collection::kPatches;
  RecordKind kind = RecordKind::kSlide;
  std::uint64_t number = 0;
  std::uint32_t ordinal = 0;
  friend bool operator==(const RecordKey&, const RecordKey&) = default;
};

inline constexpr std::size_t kRecordKeyBytes = 21;

inline RecordKey slide_key(std::uint64_t number) {
  return {Collection::kPatches, RecordKind::kSlide, number, 0};
}
inline RecordKey patch_key(std::uint64_t slide_number, std::uint32_t ordinal) {
  return {Collection::kPatches, RecordKind::kPatch, slide_number, ordinal};
}
inline RecordKey report_key(std::uint64_t number) {
  return {Collection::kReports, RecordKind::kReport, number, 0};
}

std::string encode_key(const RecordKey& key);
/// Empty unless the bytes are a key of tenant 0 with a known collection and kind.
std::optional<RecordKey> decode_key(std::string_view bytes);
/// The first 9 bytes that all keys of one collection and kind share.
std::string key_prefix(Collection collection, RecordKind kind);

/// The record's key, then a byte: 16 * position + kind.
/// @param position  of the encoder among those of the slide or the report, below kMaxEncoders.
std::string vector_key(const RecordKey& key, std::size_t position = 0);

/// Tenant, collection, then the public id.
std::string id_key(Collection collection, std::string_view id);

std::string job_key(std::uint64_t job);

/// Collection, then the word: "seq", or "current/" and the id of an encoder.
std::string generation_key(Collection collection, std::string_view word);

}  // namespace clippath
