// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "encoder/models/dual_encoder.h"
#include "encoder/runtime/device_turns.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/pixel_batch.h"
#include "encoder/runtime/text_rows.h"

namespace clippath {

struct LocalEncoder::Parts {
  EncoderInfo info;
  std::optional<PixelNormalizer> normalizer;  ///< of a model of pictures
  std::unique_ptr<const TextRows> texts;      ///< of a model of texts
  std::unique_ptr<const DualEncoder> model;
  std::unique_ptr<const DeviceTurns> turns;  ///< on the device of the model
};

}  // namespace clippath
