// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/eval_material.h"
#include "clippath/core/result.h"
#include "clippath/evaluation.h"

namespace clippath::cli {

/// Scores of a model, or of the colours, for all that is asked. `[queries, captions]` and
/// `[queries, classes]`.
struct EvalScores {
  ScoreMatrix captions;  ///< no rows where there is no caption
  ScoreMatrix classes;   ///< no rows where there is no class
};

/// Cosines of the pictures with the captions, and with the mean of each class's templates.
/// @param templates  texts with CLASSNAME in them; at least one.
/// Fails: as Encoder::encode_texts; kInternal for a class whose texts have no direction.
Result<EvalScores> model_scores(const EvalMaterial& material,
                                const std::vector<std::string>& classes,
                                const std::vector<std::string>& templates, int threads);

/// What colours alone say, learnt from the training split; without one, in turns from the patches
/// asked about. No rows where there is nothing to learn from, or too much.
/// Requires: the colours of the material were counted.
EvalScores colour_scores(const EvalMaterial& material, const std::vector<std::string>& classes);

}  // namespace clippath::cli
