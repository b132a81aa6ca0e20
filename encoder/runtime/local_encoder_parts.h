// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clippath/tokenizer.h"
#include "encoder/models/dual_encoder.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/pixel_batch.h"

namespace clippath {

struct LocalEncoder::Parts {
  EncoderInfo info;
  std::size_t max_text_tokens = 0;
  PixelNormalizer normalizer;
  std::unique_ptr<const Tokenizer> tokenizer;
  std::unique_ptr<const DualEncoder> model;
};

}  // namespace clippath
