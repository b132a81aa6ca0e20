// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "clippath/encoder.h"
#include "encoder/runtime/agreement.h"
#include "encoder/runtime/pixel_batch.h"

namespace clippath {

/// An encoder in this process, on LibTorch. Thread-safe: the weights are shared and never written,
/// every call has its own scratch memory; rows of texts are kept where that was asked for.
class LocalEncoder final : public Encoder {
 public:
  struct Parts;  ///< towers, tokenizer and preprocessing

  explicit LocalEncoder(std::unique_ptr<const Parts> parts);
  ~LocalEncoder() override;

  [[nodiscard]] const EncoderInfo& info() const override;
  [[nodiscard]] RgbImage fit(const RgbImage& image) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(std::span<const RgbImage> images,
                                                      const EncodeCall& call = {}) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                                     const EncodeCall& call = {}) const override;

  /// As encode_*, but the rows have the length that the model gives them.
  [[nodiscard]] Result<EmbeddingMatrix> project_images(std::span<const RgbImage> images,
                                                       const EncodeCall& call = {}) const;
  [[nodiscard]] Result<EmbeddingMatrix> project_texts(std::span<const std::string> texts,
                                                      const EncodeCall& call = {}) const;

  /// Pictures that another program prepared. Fails: also kInvalidArgument if they have another size
  /// than the tower's input.
  [[nodiscard]] Result<EmbeddingMatrix> project_pixels(const PixelBatch& pixels,
                                                       const EncodeCall& call = {}) const;

  /// What project_images gives its tower. Requires: the model has an image tower.
  [[nodiscard]] PixelBatch prepare(std::span<const RgbImage> images) const;
  /// What project_texts gives its tower of one text, cut to the model's limit. Requires: the model
  /// has a text tower.
  [[nodiscard]] std::vector<std::int64_t> tokenize(std::string_view text) const;
  /// What shorter texts of a batch end in. Requires: the same.
  [[nodiscard]] std::int64_t pad_id() const;

  /// Fails: as compare_golden.
  [[nodiscard]] Result<TowerAgreement> compare_golden(
      const std::filesystem::path& golden_file) const;

 private:
  std::unique_ptr<const Parts> parts_;
};

/// Makes every row unit length. Fails: kInternal naming the row that has no direction.
Result<EmbeddingMatrix> normalize_rows(EmbeddingMatrix matrix);

/// load_encoder with the type that can do more. Fails: as load_encoder.
Result<std::unique_ptr<const LocalEncoder>> load_local_encoder(const std::filesystem::path& folder,
                                                               const EncoderOptions& options);

}  // namespace clippath
