// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clippath/encoder.h"
#include "encoder/runtime/agreement.h"

namespace clippath {

/// One thing that must hold of a model.
struct ModelCheck {
  std::string name;  ///< "golden pictures"
  bool passed = false;
  std::string detail;                  ///< what was found; of a failed check what is wrong
  std::optional<Agreement> agreement;  ///< where vectors were compared
};

/// What verify_model found.
struct ModelVerification {
  EncoderInfo info;
  std::string golden;    ///< name of the file with golden outputs; empty: the model has none
  double tolerance = 0;  ///< of the golden outputs
  std::vector<ModelCheck> checks;

  [[nodiscard]] bool passed() const;
};

struct VerifyOptions {
  DtypeChoice dtype = DtypeChoice::kAuto;
  /// How far the least cosine to a golden output may lie below 1. None: 0.0001 in fp32, 0.001 in
  /// bf16.
  std::optional<double> tolerance;
};

/// Loads a model and checks it: against its golden outputs, if it has some, and by what must hold
/// of every model (finite vectors of unit length; other inputs give other vectors; an input gives
/// the same vector alone and in a batch; preprocessing and tokenizer do what the towers need).
/// Fails: as load_encoder. A check that does not hold is no failure of this function.
Result<ModelVerification> verify_model(const std::filesystem::path& folder,
                                       const VerifyOptions& options);

}  // namespace clippath
