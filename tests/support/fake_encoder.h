// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "clippath/encoder.h"

namespace clippath::test {

/// An encoder without weights. A picture's vector depends on its pixels, a text's on its bytes, and
/// on nothing else. Thread-safe.
class FakeEncoder : public Encoder {
 public:
  explicit FakeEncoder(std::size_t dimension = 16, int input_px = 32);

  [[nodiscard]] const EncoderInfo& info() const override { return info_; }
  [[nodiscard]] RgbImage fit(const RgbImage& image) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(
      std::span<const RgbImage> images) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(
      std::span<const std::string> texts) const override;

  /// How many pictures were encoded, and in batches of which size at most.
  [[nodiscard]] std::size_t images_encoded() const { return images_encoded_; }
  [[nodiscard]] std::size_t largest_batch() const { return largest_batch_; }
  /// Called before every batch of pictures, from the thread that encodes it.
  std::function<void()> before_images;

 private:
  EncoderInfo info_;
  mutable std::atomic<std::size_t> images_encoded_ = 0;
  mutable std::atomic<std::size_t> largest_batch_ = 0;
};

}  // namespace clippath::test
