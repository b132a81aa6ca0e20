// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "clippath/tokenizer.h"
#include "encoder/models/dual_encoder.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/pixel_batch.h"

namespace clippath {

struct LocalEncoder::Parts {
  EncoderInfo info;
  std::size_t max_text_tokens = 0;
  std::optional<PixelNormalizer> normalizer;   ///< of a model of pictures
  std::unique_ptr<const Tokenizer> tokenizer;  ///< of a model of texts
  std::unique_ptr<const DualEncoder> model;
};

}  // namespace clippath
