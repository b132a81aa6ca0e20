// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "clippath/core/result.h"
#include "encoder/runtime/agreement.h"
#include "encoder/runtime/model_info.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

struct ConvertOptions {
  std::optional<TensorType> type;  ///< F32, F16 or BF16; none: every tensor keeps its own
  bool golden = false;             ///< makes new golden outputs, of the model as it is stored then
};

struct ModelConversion {
  ModelInfo source;
  ModelInfo result;
  TowerAgreement agreement;  ///< of both models' vectors for the canary, in fp32
  double tolerance = 0;
};

/// Makes a folder that needs nothing else: all weights in one `model.safetensors`, and of the
/// source its small files (.json, .txt, .md, licences) and golden outputs. The finished folder is
/// loaded and compared with the source before it gets its name; after a failure nothing is left.
/// Fails: kFailedPrecondition if the target exists, or if the vectors of both models, or golden
/// outputs that were taken over, differ by more than the stored type explains; as load_encoder for
/// the source; as convert_weights.
Result<ModelConversion> convert_model(const std::filesystem::path& source,
                                      const std::filesystem::path& target,
                                      const ConvertOptions& options);

}  // namespace clippath
