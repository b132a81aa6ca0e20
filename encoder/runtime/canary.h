// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/core/image.h"
#include "encoder/runtime/agreement.h"
#include "encoder/runtime/local_encoder.h"

namespace clippath {

// Inputs that every model takes and none was trained on: the same bytes on every machine and in
// every version, for golden outputs are made of them. Do not change: on disk.

/// Six pictures of 320 x 240 px: patches of two colours under noise.
std::vector<RgbImage> canary_pictures();

/// Six texts, the last one longer than any text tower reads.
std::vector<std::string> canary_texts();

/// How a model is loaded to be compared with golden outputs: they are of texts that are cut.
inline EncoderOptions golden_options(DtypeChoice dtype) {
  return {.dtype = dtype, .long_texts = LongText::kCut};
}

/// Vectors of the canary; none of a tower that the model does not have.
struct CanaryVectors {
  std::optional<EmbeddingMatrix> images;
  std::optional<EmbeddingMatrix> texts;
};

/// Requires: every tower of the model is loaded. Fails: as Encoder.
Result<CanaryVectors> encode_canary(const LocalEncoder& encoder);

/// Requires: both are of models with the same towers and dimension.
TowerAgreement agreement_of(const CanaryVectors& a, const CanaryVectors& b);

}  // namespace clippath
