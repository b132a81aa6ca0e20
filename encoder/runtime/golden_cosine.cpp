// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/golden_cosine.h"

#include <ATen/ops/cosine_similarity.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>

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
  for (const char* name :
       {"pixel_values", "image_embeds", "input_ids", "attention_mask", "text_embeds"}) {
    if (file.find(name) == nullptr) {
      return fail(ErrorKind::kInvalidArgument,
                  golden_file.string() + ": tensor " + name + " is missing");
    }
  }
  try {
    const c10::InferenceMode inference;
    double least = 1;
    if (model.has_images()) {
      const at::Tensor vectors = model.project_pixels(read_tensor(file, "pixel_values"));
      least = std::min(least, least_cosine(vectors, read_tensor(file, "image_embeds")));
    }
    if (model.has_texts()) {
      TokenBatch batch;
      batch.ids = read_tensor(file, "input_ids").to(at::kLong);
      batch.mask = read_tensor(file, "attention_mask").to(at::kBool);
      const at::Tensor vectors = model.project_tokens(batch);
      least = std::min(least, least_cosine(vectors, read_tensor(file, "text_embeds")));
    }
    return least;
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("golden outputs: ") + reason_of(error));
    return fail(ErrorKind::kInvalidArgument,
                golden_file.string() + ": does not fit the model; the log says why");
  }
}

}  // namespace clippath
