// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/local_encoder.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "clippath/core/check.h"
#include "clippath/core/log.h"
#include "encoder/runtime/local_encoder_parts.h"
#include "encoder/runtime/torch_error.h"

namespace clippath {
namespace {

/// Runs a model and copies its rows; the one place where LibTorch's exceptions end.
template <class Project>
Result<EmbeddingMatrix> run(const Project& project) {
  try {
    const c10::InferenceMode inference;
    const at::Tensor rows = project().contiguous();
    EmbeddingMatrix matrix = EmbeddingMatrix::zeros(static_cast<std::size_t>(rows.size(0)),
                                                    static_cast<std::size_t>(rows.size(1)));
    std::copy_n(rows.const_data_ptr<float>(), matrix.values.size(), matrix.values.begin());
    return matrix;
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("encoder: ") + reason_of(error));
    return fail(ErrorKind::kInternal, "the encoder failed; its log says why");
  }
}

Result<EmbeddingMatrix> check_finite(EmbeddingMatrix matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    const auto row = matrix.row(i);
    if (!std::all_of(row.begin(), row.end(), [](float v) { return std::isfinite(v); })) {
      return fail(ErrorKind::kInternal,
                  "the model gave input " + std::to_string(i) + " values that are not finite");
    }
  }
  return matrix;
}

TokenBatch pad(const std::vector<std::vector<std::int64_t>>& texts, std::int64_t pad_id) {
  std::size_t longest = 0;
  std::size_t shortest = texts.front().size();
  for (const auto& ids : texts) {
    longest = std::max(longest, ids.size());
    shortest = std::min(shortest, ids.size());
  }
  const auto count = static_cast<std::int64_t>(texts.size());
  const auto tokens = static_cast<std::int64_t>(longest);
  TokenBatch batch;
  batch.ids = at::full({count, tokens}, pad_id, at::kLong);
  auto* ids = batch.ids.mutable_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::copy(texts[i].begin(), texts[i].end(), ids + i * longest);
  }
  if (shortest == longest) return batch;
  batch.mask = at::zeros({count, tokens}, at::kBool);
  auto* mask = batch.mask.mutable_data_ptr<bool>();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::fill_n(mask + i * longest, texts[i].size(), true);
  }
  return batch;
}

tl::unexpected<Error> no_tower(const char* which) {
  return fail(ErrorKind::kFailedPrecondition,
              std::string("the ") + which + " tower of this encoder was not loaded");
}

}  // namespace

LocalEncoder::LocalEncoder(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
LocalEncoder::~LocalEncoder() = default;

const EncoderInfo& LocalEncoder::info() const { return parts_->info; }

RgbImage LocalEncoder::fit(const RgbImage& image) const {
  return parts_->normalizer.preprocessing().fit(image);
}

Result<EmbeddingMatrix> LocalEncoder::encode_images(std::span<const RgbImage> images) const {
  CLIPPATH_TRY(auto rows, project_images(images));
  return normalize_rows(std::move(rows));
}

Result<EmbeddingMatrix> LocalEncoder::encode_texts(std::span<const std::string> texts) const {
  CLIPPATH_TRY(auto rows, project_texts(texts));
  return normalize_rows(std::move(rows));
}

Result<EmbeddingMatrix> LocalEncoder::project_images(std::span<const RgbImage> images) const {
  CLIPPATH_CHECK(!images.empty());
  if (!parts_->model->has_images()) return no_tower("image");
  return project_pixels(parts_->normalizer(images));
}

Result<EmbeddingMatrix> LocalEncoder::project_pixels(const PixelBatch& pixels) const {
  if (!parts_->model->has_images()) return no_tower("image");
  if (pixels.width != parts_->info.input_width || pixels.height != parts_->info.input_height) {
    return fail(ErrorKind::kInvalidArgument, "pixel_values are " + std::to_string(pixels.width) +
                                                 " x " + std::to_string(pixels.height) +
                                                 ", the model takes " +
                                                 std::to_string(parts_->info.input_width) + " x " +
                                                 std::to_string(parts_->info.input_height));
  }
  CLIPPATH_TRY(auto rows, run([&] {
                 // from_blob wants a pointer to what could be written; the model only reads.
                 const at::Tensor values = at::from_blob(
                     const_cast<float*>(pixels.values.data()),
                     {static_cast<std::int64_t>(pixels.count), 3, pixels.height, pixels.width},
                     at::kFloat);
                 return parts_->model->project_pixels(values);
               }));
  return check_finite(std::move(rows));
}

Result<EmbeddingMatrix> LocalEncoder::project_texts(std::span<const std::string> texts) const {
  CLIPPATH_CHECK(!texts.empty());
  if (!parts_->model->has_texts()) return no_tower("text");
  std::vector<std::vector<std::int64_t>> ids;
  for (const std::string& text : texts) {
    ids.push_back(parts_->tokenizer->encode(text, parts_->max_text_tokens));
  }
  CLIPPATH_TRY(auto rows, run([&] {
                 return parts_->model->project_tokens(pad(ids, parts_->tokenizer->pad_id()));
               }));
  return check_finite(std::move(rows));
}

Result<EmbeddingMatrix> normalize_rows(EmbeddingMatrix matrix) {
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    if (!normalize(matrix.row(i))) {
      return fail(ErrorKind::kInternal,
                  "the model gave input " + std::to_string(i) + " a vector without direction");
    }
  }
  return matrix;
}

}  // namespace clippath
