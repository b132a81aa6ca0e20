// SPDX-License-Identifier: Apache-2.0
#include "store/records/codec.h"

#include <cmath>
#include <set>
#include <utility>

#include "clippath/core/digest.h"
#include "store/records/bytes.h"
#include "store/records/half.h"

namespace clippath {
namespace {

// Do not change the values below: on disk.
constexpr std::uint8_t kPatchVersion = 1;
constexpr std::uint8_t kHasRect = 1;
constexpr std::uint8_t kKeepsStain = 2;
constexpr std::uint8_t kHasAttention = 16;
constexpr std::uint8_t kVectorVersion = 1;
constexpr std::uint8_t kHalfPrecision = 1;
constexpr std::size_t kVectorHeadBytes = 1 + 1 + 4 + 16;
constexpr std::size_t kChecksumBytes = 8;
constexpr double kUnitTolerance = 0.01;
enum FieldType : std::uint8_t { kText = 0, kNumber = 1, kTruth = 2, kDay = 3 };

void append_signed(std::string& out, std::int64_t value) {
  append_little(out, static_cast<std::uint64_t>(value));
}

std::int64_t take_signed(ByteReader& reader) {
  return static_cast<std::int64_t>(reader.integer<std::uint64_t>());
}

void append_field(std::string& out, const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_little(out, static_cast<std::uint8_t>(kText));
    append_text(out, *text);
  } else if (const auto* number = std::get_if<double>(&value)) {
    append_little(out, static_cast<std::uint8_t>(kNumber));
    append_double(out, *number);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    append_little(out, static_cast<std::uint8_t>(kTruth));
    append_little(out, static_cast<std::uint8_t>(*truth ? 1 : 0));
  } else {
    append_little(out, static_cast<std::uint8_t>(kDay));
    append_text(out, std::get<Date>(value).iso);
  }
}

std::optional<FieldValue> take_field(ByteReader& reader) {
  switch (reader.integer<std::uint8_t>()) {
    case kText: return FieldValue(reader.text());
    case kNumber: return FieldValue(reader.number());
    case kTruth: return FieldValue(reader.integer<std::uint8_t>() != 0);
    case kDay: return FieldValue(Date{reader.text()});
    default: return std::nullopt;
  }
}

std::uint64_t checksum(std::string_view key, std::string_view value) {
  std::string covered;
  covered.reserve(key.size() + value.size());
  covered += key;
  covered += value;
  return xxh3(covered);
}

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

std::string encode_patch(const PatchRecord& patch) {
  std::string out;
  append_little(out, kPatchVersion);
  append_little(out, static_cast<std::uint8_t>((patch.rect ? kHasRect : 0) |
                                               (patch.keeps_stain ? kKeepsStain : 0) |
                                               (patch.attention ? kHasAttention : 0)));
  if (patch.rect) {
    append_signed(out, patch.rect->x);
    append_signed(out, patch.rect->y);
    append_signed(out, patch.rect->width);
    append_signed(out, patch.rect->height);
  }
  append_double(out, patch.extent_um);
  append_double(out, patch.tissue_fraction);
  append_double(out, patch.white_fraction);
  if (patch.attention) append_double(out, *patch.attention);
  append_little(out, patch.picture_hash);
  append_text(out, patch.id.value);
  append_text(out, patch.image_path);
  append_text(out, patch.caption);
  append_little(out, static_cast<std::uint32_t>(patch.fields.size()));
  for (const auto& [name, value] : patch.fields) {
    append_text(out, name);
    append_field(out, value);
  }
  return out;
}

Result<PatchRecord> decode_patch(std::string_view bytes) {
  ByteReader reader(bytes);
  if (const auto version = reader.integer<std::uint8_t>(); version != kPatchVersion) {
    return fail(ErrorKind::kCorruption, "patch record: version " + std::to_string(version) +
                                            ", this program reads " +
                                            std::to_string(kPatchVersion));
  }
  PatchRecord patch;
  const auto flags = reader.integer<std::uint8_t>();
  patch.keeps_stain = (flags & kKeepsStain) != 0;
  if ((flags & kHasRect) != 0) {
    Level0Rect& rect = patch.rect.emplace();
    rect.x = take_signed(reader);
    rect.y = take_signed(reader);
    rect.width = take_signed(reader);
    rect.height = take_signed(reader);
  }
  patch.extent_um = reader.number();
  patch.tissue_fraction = reader.number();
  patch.white_fraction = reader.number();
  if ((flags & kHasAttention) != 0) patch.attention = reader.number();
  patch.picture_hash = reader.integer<std::uint64_t>();
  patch.id = PatchId(reader.text());
  patch.image_path = reader.text();
  patch.caption = reader.text();
  const auto fields = reader.integer<std::uint32_t>();
  for (std::uint32_t i = 0; i < fields && reader.good(); ++i) {
    std::string name = reader.text();
    std::optional<FieldValue> value = take_field(reader);
    if (!value) return fail(ErrorKind::kCorruption, "patch record: unknown type of a field");
    patch.fields.emplace(std::move(name), *std::move(value));
  }
  if (!reader.whole())
    return fail(ErrorKind::kCorruption, "patch record: has another length than it says");
  return patch;
}

Result<EncoderBytes> encoder_bytes(const EncoderId& id) {
  EncoderBytes bytes{};
  const bool right_length = id.value.size() == 2 * bytes.size();
  for (std::size_t i = 0; right_length && i < bytes.size(); ++i) {
    const auto high = hex_digit(id.value[2 * i]);
    const auto low = hex_digit(id.value[2 * i + 1]);
    if (!high || !low) break;
    bytes[i] = static_cast<std::uint8_t>(*high << 4U | *low);
    if (i + 1 == bytes.size()) return bytes;
  }
  return fail({ErrorKind::kInvalidArgument,
               "encoder id '" + id.value + "': must be 32 lower-case hex digits", "encoder",
               "32 hex digits"});
}

Result<std::vector<EncoderBytes>> bytes_of(const std::vector<EncoderId>& encoders) {
  const std::set<EncoderId> unique(encoders.begin(), encoders.end());
  if (encoders.empty() || encoders.size() > kMaxEncoders || unique.size() != encoders.size()) {
    const std::string limit = "1.." + std::to_string(kMaxEncoders);
    return fail({ErrorKind::kInvalidArgument,
                 "encoders: there must be " + limit + ", none of them twice", "encoders", limit});
  }
  std::vector<EncoderBytes> all;
  for (const EncoderId& encoder : encoders) {
    CLIPPATH_TRY(const EncoderBytes bytes, encoder_bytes(encoder));
    all.push_back(bytes);
  }
  return all;
}

Result<void> check_unit_length(const Embedding& vector) {
  double squared = 0;
  for (float value : vector) squared += static_cast<double>(value) * static_cast<double>(value);
  // Written so that a NaN fails.
  if (std::abs(squared - 1) < kUnitTolerance) return {};
  return fail({ErrorKind::kInvalidArgument, "its vector is not of unit length", "vector"});
}

std::string encode_vector(std::string_view key, const EncoderBytes& encoder,
                          std::span<const float> values) {
  std::string out;
  out.reserve(kVectorHeadBytes + 2 * values.size() + kChecksumBytes);
  append_little(out, kVectorVersion);
  append_little(out, kHalfPrecision);
  append_little(out, static_cast<std::uint32_t>(values.size()));
  for (std::uint8_t byte : encoder) out += static_cast<char>(byte);
  for (float value : values) append_little(out, half_from_float(value));
  append_little(out, checksum(key, out));
  return out;
}

Result<StoredVector> decode_vector(std::string_view key, std::string_view bytes) {
  if (bytes.size() < kVectorHeadBytes + kChecksumBytes)
    return fail(ErrorKind::kCorruption, "vector: is cut off");
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (load_little<std::uint64_t>(bytes.substr(body.size())) != checksum(key, body))
    return fail(ErrorKind::kCorruption, "vector: its checksum is wrong");

  ByteReader head(body.substr(0, kVectorHeadBytes));
  const auto version = head.integer<std::uint8_t>();
  const auto type = head.integer<std::uint8_t>();
  const auto dimension = head.integer<std::uint32_t>();
  if (version != kVectorVersion || type != kHalfPrecision)
    return fail(ErrorKind::kCorruption,
                "vector: a version or type that this program does not read");
  if (body.size() != kVectorHeadBytes + 2 * std::size_t{dimension})
    return fail(ErrorKind::kCorruption, "vector: has another length than it says");

  StoredVector vector;
  for (std::uint8_t& byte : vector.encoder) byte = head.integer<std::uint8_t>();
  vector.values.resize(dimension);
  for (std::size_t i = 0; i < dimension; ++i) {
    vector.values[i] =
        float_from_half(load_little<std::uint16_t>(body.substr(kVectorHeadBytes + 2 * i)));
  }
  return vector;
}

}  // namespace clippath
