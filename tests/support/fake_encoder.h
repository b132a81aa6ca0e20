// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "clippath/core/mutex.h"
#include "clippath/encoder.h"

namespace clippath::test {

/// An encoder without weights. A picture's vector depends on its pixels, a text's on its bytes, and
/// on nothing else. Thread-safe.
class FakeEncoder : public Encoder {
 public:
  explicit FakeEncoder(std::size_t dimension = 16, int input_px = 32,
                       EncoderId id = EncoderId("00112233445566778899aabbccddeeff"));

  [[nodiscard]] const EncoderInfo& info() const override { return info_; }
  [[nodiscard]] RgbImage fit(const RgbImage& image) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(std::span<const RgbImage> images,
                                                      const EncodeCall& call = {}) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                                     const EncodeCall& call = {}) const override;

  [[nodiscard]] std::size_t images_encoded() const;
  /// Sizes of all batches of pictures, the largest first.
  [[nodiscard]] std::vector<std::size_t> batch_sizes() const;
  /// As another device would want them.
  void set_batches(PictureBatches batches) { info_.batches = batches; }
  /// Called before every batch of pictures, from the thread that encodes it.
  std::function<void()> before_images;

 private:
  EncoderInfo info_;
  mutable Mutex mutex_;
  mutable std::vector<std::size_t> batch_sizes_ CLIPPATH_GUARDED_BY(mutex_);
};

}  // namespace clippath::test
