// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/write_golden.h"

#include <algorithm>
#include <span>
#include <vector>

#include "core/json/json.h"
#include "encoder/runtime/canary.h"
#include "encoder/runtime/golden_texts.h"
#include "encoder/weights/weights_writer.h"

namespace clippath {
namespace {

/// Elements in memory, as they lie in a file.
template <class T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

TensorShape shape_of(const EmbeddingMatrix& matrix) {
  return {static_cast<std::int64_t>(matrix.rows), static_cast<std::int64_t>(matrix.dimension)};
}

/// Texts padded to the longest, `[count, tokens]`.
struct PaddedTokens {
  TensorShape shape;
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> mask;
};

PaddedTokens pad(const std::vector<std::vector<std::int64_t>>& texts, std::int64_t pad_id) {
  std::size_t longest = 0;
  for (const auto& ids : texts) longest = std::max(longest, ids.size());
  PaddedTokens tokens;
  tokens.shape = {static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(longest)};
  for (const auto& ids : texts) {
    tokens.ids.insert(tokens.ids.end(), ids.begin(), ids.end());
    tokens.ids.resize(tokens.ids.size() + longest - ids.size(), pad_id);
    tokens.mask.insert(tokens.mask.end(), ids.size(), 1);
    tokens.mask.resize(tokens.ids.size());
  }
  return tokens;
}

}  // namespace

Result<void> write_golden_file(const LocalEncoder& encoder, const std::filesystem::path& path) {
  CLIPPATH_TRY(const CanaryVectors vectors, encode_canary(encoder));
  TensorTable tensors;
  TensorMetadata metadata{{"note", "made by clippath of its own canary: fp32, unit length"}};
  PixelBatch pixels;
  if (vectors.images) {
    pixels = encoder.prepare(canary_pictures());
    tensors["pixel_values"] = {
        TensorType::kF32,
        {static_cast<std::int64_t>(pixels.count), 3, pixels.height, pixels.width},
        bytes_of(pixels.values)};
    tensors["image_embeds"] = {TensorType::kF32, shape_of(*vectors.images),
                               bytes_of(vectors.images->values)};
  }
  PaddedTokens tokens;
  if (vectors.texts) {
    std::vector<std::vector<std::int64_t>> ids;
    for (const std::string& text : canary_texts()) ids.push_back(encoder.tokenize(text));
    tokens = pad(ids, encoder.pad_id());
    tensors["input_ids"] = {TensorType::kI64, tokens.shape, bytes_of(tokens.ids)};
    tensors["attention_mask"] = {TensorType::kI64, tokens.shape, bytes_of(tokens.mask)};
    tensors["text_embeds"] = {TensorType::kF32, shape_of(*vectors.texts),
                              bytes_of(vectors.texts->values)};
    metadata[kGoldenTextsKey] = to_text(Json(canary_texts()));
  }
  return write_weights_file(path, tensors, metadata);
}

}  // namespace clippath
