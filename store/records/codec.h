// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

/// The bytes of patch records and of vectors, as docs/formats/records.md lays them out.
/// decode(encode(x)) == x; decoding any other bytes fails with kCorruption and never reads past
/// them.
std::string encode_patch(const PatchRecord& patch);
Result<PatchRecord> decode_patch(std::string_view bytes);

/// An encoder id as it stands in every vector value.
using EncoderBytes = std::array<std::uint8_t, 16>;

/// Fails: kInvalidArgument unless the id is 32 lower-case hex digits.
Result<EncoderBytes> encoder_bytes(const EncoderId& id);

/// Fails: also kInvalidArgument unless there are 1..kMaxEncoders, none of them twice.
Result<std::vector<EncoderBytes>> bytes_of(const std::vector<EncoderId>& encoders);

/// Fails: kInvalidArgument if the vector is empty, not finite, or its squared length is not 1
/// within 0.01: a search would take it for one of another likeness.
Result<void> check_unit_length(const Embedding& vector);

struct StoredVector {
  EncoderBytes encoder{};
  Embedding values;
};

/// @param key  of the vector (keys.h: vector_key): the checksum covers it, so that a right vector
/// under a wrong key is caught.
/// @param values  are stored in half precision.
std::string encode_vector(std::string_view key, const EncoderBytes& encoder,
                          std::span<const float> values);
/// Fails: kCorruption if the checksum or the length is wrong.
Result<StoredVector> decode_vector(std::string_view key, std::string_view bytes);

}  // namespace clippath
