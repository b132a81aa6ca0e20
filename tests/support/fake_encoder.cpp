// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_encoder.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include "clippath/core/check.h"

namespace clippath::test {
namespace {

std::uint64_t fnv1a(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i < count; ++i) hash = (hash ^ bytes[i]) * 1099511628211ULL;
  return hash;
}

/// Pseudo-random values in [-1, 1) that a hash decides, scaled to unit length.
void fill_unit_vector(std::uint64_t hash, std::span<float> vector) {
  for (float& value : vector) {
    hash += 0x9E3779B97F4A7C15ULL;
    std::uint64_t mixed = (hash ^ (hash >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBULL;
    value = static_cast<float>(static_cast<double>(mixed >> 11U) / 4503599627370496.0 - 1.0);
  }
  CLIPPATH_CHECK(normalize(vector));
}

}  // namespace

FakeEncoder::FakeEncoder(std::size_t dimension, int input_px, EncoderId id) {
  info_.id = std::move(id);
  info_.card.name = "fake";
  info_.card.default_extent_um = 512;
  info_.dimension = dimension;
  info_.input_width = input_px;
  info_.input_height = input_px;
}

RgbImage FakeEncoder::fit(const RgbImage& image) const {
  RgbImage fitted{info_.input_width, info_.input_height, {}};
  fitted.pixels.resize(fitted.size_bytes());
  for (int y = 0; y < fitted.height; ++y) {
    for (int x = 0; x < fitted.width; ++x) {
      const int from_x = x * image.width / fitted.width;
      const int from_y = y * image.height / fitted.height;
      std::copy_n(image.row(from_y) + std::ptrdiff_t{from_x} * 3, 3,
                  fitted.row(y) + std::ptrdiff_t{x} * 3);
    }
  }
  return fitted;
}

std::size_t FakeEncoder::images_encoded() const {
  MutexLock lock(mutex_);
  return std::accumulate(batch_sizes_.begin(), batch_sizes_.end(), std::size_t{0});
}

std::vector<std::size_t> FakeEncoder::batch_sizes() const {
  MutexLock lock(mutex_);
  std::vector<std::size_t> sizes = batch_sizes_;
  std::sort(sizes.begin(), sizes.end(), std::greater<>());
  return sizes;
}

Result<EmbeddingMatrix> FakeEncoder::encode_images(std::span<const RgbImage> images,
                                                   const EncodeCall& /*call*/) const {
  if (before_images) before_images();
  {
    MutexLock lock(mutex_);
    batch_sizes_.push_back(images.size());
  }
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(images.size(), info_.dimension);
  for (std::size_t i = 0; i < images.size(); ++i) {
    const RgbImage fitted = fit(images[i]);
    fill_unit_vector(fnv1a(fitted.pixels.data(), fitted.pixels.size()), vectors.row(i));
  }
  return vectors;
}

Result<EmbeddingMatrix> FakeEncoder::encode_texts(std::span<const std::string> texts,
                                                  const EncodeCall& /*call*/) const {
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(texts.size(), info_.dimension);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::vector<std::uint8_t> bytes(texts[i].begin(), texts[i].end());
    fill_unit_vector(fnv1a(bytes.data(), bytes.size()), vectors.row(i));
  }
  return vectors;
}

}  // namespace clippath::test
