// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/local_encoder.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "clippath/core/check.h"
#include "encoder/runtime/call_time.h"
#include "encoder/runtime/golden_outputs.h"
#include "encoder/runtime/local_encoder_parts.h"
#include "encoder/runtime/run_model.h"

namespace clippath {
namespace {

TokenBatch pad(TokenLists texts, std::int64_t pad_id) {
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

// What a tower computes in between stays in the second cache, and its memory is used again rather
// than asked of the system: a seventh faster than 32 at once.
constexpr std::size_t kPicturesAtOnce = 8;

tl::unexpected<Error> no_tower(const char* which, bool model_has_it) {
  return fail(ErrorKind::kFailedPrecondition,
              model_has_it ? std::string("the ") + which + " tower of this encoder was not loaded"
                           : std::string("this model has no ") + which + " tower");
}

}  // namespace

LocalEncoder::LocalEncoder(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
LocalEncoder::~LocalEncoder() = default;

const EncoderInfo& LocalEncoder::info() const { return parts_->info; }

RgbImage LocalEncoder::fit(const RgbImage& image) const {
  CLIPPATH_CHECK(parts_->normalizer.has_value());
  return parts_->normalizer->preprocessing().fit(image);
}

Result<EmbeddingMatrix> LocalEncoder::encode_images(std::span<const RgbImage> images,
                                                    const EncodeCall& call) const {
  CLIPPATH_TRY(auto rows, project_images(images, call));
  return normalize_rows(std::move(rows));
}

Result<EmbeddingMatrix> LocalEncoder::encode_texts(std::span<const std::string> texts,
                                                   const EncodeCall& call) const {
  CLIPPATH_TRY(auto rows, project_texts(texts, call));
  return normalize_rows(std::move(rows));
}

Result<EmbeddingMatrix> LocalEncoder::project_images(std::span<const RgbImage> images,
                                                     const EncodeCall& call) const {
  CLIPPATH_CHECK(!images.empty());
  if (!parts_->model->has_images()) return no_tower("image", parts_->info.has_images);
  return project_pixels(prepare(images), call);
}

PixelBatch LocalEncoder::prepare(std::span<const RgbImage> images) const {
  CLIPPATH_CHECK(parts_->normalizer.has_value());
  return (*parts_->normalizer)(images);
}

std::vector<std::int64_t> LocalEncoder::tokenize(std::string_view text) const {
  CLIPPATH_CHECK(parts_->texts != nullptr);
  return parts_->texts->tokenize(text);
}

std::int64_t LocalEncoder::pad_id() const {
  CLIPPATH_CHECK(parts_->texts != nullptr);
  return parts_->texts->pad_id();
}

Result<EmbeddingMatrix> LocalEncoder::project_pixels(const PixelBatch& pixels,
                                                     const EncodeCall& call) const {
  if (!parts_->model->has_images()) return no_tower("image", parts_->info.has_images);
  if (pixels.width != parts_->info.input_width || pixels.height != parts_->info.input_height) {
    return fail(ErrorKind::kInvalidArgument, "pixel_values are " + std::to_string(pixels.width) +
                                                 " x " + std::to_string(pixels.height) +
                                                 ", the model takes " +
                                                 std::to_string(parts_->info.input_width) + " x " +
                                                 std::to_string(parts_->info.input_height));
  }
  EmbeddingMatrix rows = EmbeddingMatrix::zeros(pixels.count, parts_->info.dimension);
  const std::size_t at_once = std::max(kPicturesAtOnce, parts_->info.batches.size);
  for (std::size_t first = 0; first < pixels.count; first += at_once) {
    CLIPPATH_TRY_VOID(check_time(call));
    const std::size_t count = std::min(at_once, pixels.count - first);
    const auto project = [&] {
      return parts_->model->project_pixels(tensor_of(pixels).narrow(
          0, static_cast<std::int64_t>(first), static_cast<std::int64_t>(count)));
    };
    CLIPPATH_TRY(const EmbeddingMatrix part,
                 parts_->turns->take([&] { return run_model(project); }));
    std::copy(part.values.begin(), part.values.end(), rows.row(first).begin());
  }
  return rows;
}

Result<EmbeddingMatrix> LocalEncoder::project_texts(std::span<const std::string> texts,
                                                    const EncodeCall& call) const {
  CLIPPATH_CHECK(!texts.empty());
  if (!parts_->model->has_texts()) return no_tower("text", parts_->info.has_texts);
  return parts_->texts->project(texts, call, [&](TokenLists windows) {
    const auto project = [&] {
      return parts_->model->project_tokens(pad(windows, parts_->texts->pad_id()));
    };
    return parts_->turns->take([&] { return run_model(project); });
  });
}

Result<TowerAgreement> LocalEncoder::compare_golden(
    const std::filesystem::path& golden_file) const {
  return clippath::compare_golden(*parts_->model, golden_file);
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
