// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/golden_cosine.h"

#include <ATen/ops/cosine_similarity.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "clippath/core/log.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

double least_cosine(const at::Tensor& a, const at::Tensor& b) {
  return at::cosine_similarity(a, b, 1).min().item<double>();
}

}  // namespace

Result<double> golden_cosine(const DualEncoder& model, const std::filesystem::path& golden_file) {
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
  const auto tensor = [&](const char* name) { return read_tensor(file.tensors(), name); };
  try {
    const c10::InferenceMode inference;
    double least = 1;
    if (model.has_images()) {
      const at::Tensor vectors = model.project_pixels(tensor("pixel_values"));
      least = std::min(least, least_cosine(vectors, tensor("image_embeds")));
    }
    if (model.has_texts()) {
      TokenBatch batch;
      batch.ids = tensor("input_ids").to(at::kLong);
      batch.mask = tensor("attention_mask").to(at::kBool);
      const at::Tensor vectors = model.project_tokens(batch);
      least = std::min(least, least_cosine(vectors, tensor("text_embeds")));
    }
    return least;
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("golden outputs: ") + reason_of(error));
    return fail(ErrorKind::kInvalidArgument,
                golden_file.string() + ": does not fit the model; the log says why");
  }
}

}  // namespace clippath
