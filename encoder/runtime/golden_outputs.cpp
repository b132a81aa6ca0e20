// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/golden_outputs.h"

#include <ATen/ops/cosine_similarity.h>
#include <c10/core/InferenceMode.h>

#include <exception>
#include <string>
#include <vector>

#include "clippath/core/log.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

at::Tensor unit_rows(const at::Tensor& rows) { return rows.div(rows.norm(2, 1, true)); }

/// Compares with the stored tensor of this name, row by row.
Result<Agreement> compare(const at::Tensor& computed, const TensorTable& tensors,
                          const char* name) {
  const at::Tensor stored = read_tensor(tensors, name);
  if (stored.sizes() != computed.sizes()) {
    return fail(ErrorKind::kInvalidArgument,
                "tensor " + std::string(name) + " has shape " + to_text(stored.sizes().vec()) +
                    ", the model gives " + to_text(computed.sizes().vec()));
  }
  return Agreement{at::cosine_similarity(computed, stored, 1).min().item<double>(),
                   unit_rows(computed).sub(unit_rows(stored)).abs().max().item<double>()};
}

TokenBatch token_batch(const TensorTable& tensors) {
  TokenBatch batch;
  batch.ids = read_tensor(tensors, "input_ids").to(at::kLong);
  batch.mask = read_tensor(tensors, "attention_mask").to(at::kBool);
  return batch;
}

Result<TowerAgreement> compare_towers(const DualEncoder& model, const TensorTable& tensors) {
  const c10::InferenceMode inference;
  TowerAgreement agreement;
  if (model.has_images()) {
    const at::Tensor pixels = read_tensor(tensors, "pixel_values");
    CLIPPATH_TRY(agreement.images, compare(model.project_pixels(pixels), tensors, "image_embeds"));
  }
  if (model.has_texts()) {
    const TokenBatch tokens = token_batch(tensors);
    CLIPPATH_TRY(agreement.texts, compare(model.project_tokens(tokens), tensors, "text_embeds"));
  }
  return agreement;
}

}  // namespace

Result<TowerAgreement> compare_golden(const DualEncoder& model,
                                      const std::filesystem::path& golden_file) {
  CLIPPATH_TRY(const WeightsFile file, open_weights_file(golden_file));
  std::vector<const char*> needed;
  if (model.has_images()) needed.insert(needed.end(), {"pixel_values", "image_embeds"});
  if (model.has_texts())
    needed.insert(needed.end(), {"input_ids", "attention_mask", "text_embeds"});
  for (const char* name : needed) {
    if (file.find(name) == nullptr) {
      return fail(ErrorKind::kInvalidArgument,
                  golden_file.string() + ": tensor " + name + " is missing");
    }
  }
  try {
    auto agreement = compare_towers(model, file.tensors());
    if (!agreement) return fail(agreement.error().within(golden_file.string()));
    return agreement;
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("golden outputs: ") + reason_of(error));
    return fail(ErrorKind::kInvalidArgument,
                golden_file.string() + ": does not fit the model; the log says why");
  }
}

}  // namespace clippath
