// SPDX-License-Identifier: Apache-2.0
#include "store/records/keys.h"

#include "clippath/core/check.h"
#include "store/records/bytes.h"

namespace clippath {
namespace {

constexpr std::uint32_t kTenant = 0;

bool is_known(Collection collection) {
  return collection == Collection::kPatches || collection == Collection::kReports;
}

bool is_known(RecordKind kind) { return kind >= RecordKind::kSlide && kind <= RecordKind::kCase; }

}  // namespace

std::string key_prefix(Collection collection, RecordKind kind) {
  std::string bytes;
  bytes.reserve(kRecordKeyBytes + 1);
  append_big(bytes, kTenant);
  append_big(bytes, static_cast<std::uint32_t>(collection));
  append_big(bytes, static_cast<std::uint8_t>(kind));
  return bytes;
}

std::string encode_key(const RecordKey& key) {
  std::string bytes = key_prefix(key.collection, key.kind);
  append_big(bytes, key.number);
  append_big(bytes, key.ordinal);
  return bytes;
}

std::optional<RecordKey> decode_key(std::string_view bytes) {
  if (bytes.size() != kRecordKeyBytes || load_big<std::uint32_t>(bytes) != kTenant)
    return std::nullopt;
  RecordKey key;
  key.collection = static_cast<Collection>(load_big<std::uint32_t>(bytes.substr(4)));
  key.kind = static_cast<RecordKind>(load_big<std::uint8_t>(bytes.substr(8)));
  key.number = load_big<std::uint64_t>(bytes.substr(9));
  key.ordinal = load_big<std::uint32_t>(bytes.substr(17));
  if (!is_known(key.collection) || !is_known(key.kind)) return std::nullopt;
  return key;
}

std::string vector_key(const RecordKey& key, std::size_t position) {
  CLIPPATH_CHECK(position < kMaxEncoders);
  const VectorKind kind = key.kind == RecordKind::kReport ? VectorKind::kText : VectorKind::kImage;
  std::string bytes = encode_key(key);
  append_big(bytes, static_cast<std::uint8_t>(16 * position + static_cast<std::size_t>(kind)));
  return bytes;
}

std::string id_key(Collection collection, std::string_view id) {
  std::string bytes;
  append_big(bytes, kTenant);
  append_big(bytes, static_cast<std::uint32_t>(collection));
  bytes += id;
  return bytes;
}

std::string job_key(std::uint64_t job) {
  std::string bytes;
  append_big(bytes, job);
  return bytes;
}

std::string generation_key(Collection collection, std::string_view word) {
  std::string bytes;
  append_big(bytes, static_cast<std::uint32_t>(collection));
  bytes += word;
  return bytes;
}

}  // namespace clippath
