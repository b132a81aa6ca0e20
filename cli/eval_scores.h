// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/eval_material.h"
#include "clippath/classify.h"
#include "clippath/core/result.h"
#include "clippath/evaluation.h"

namespace clippath::cli {

/// Scores of a model, or of the colours, for all that is asked. `[queries, captions]` and
/// `[queries, classes]`.
struct EvalScores {
  ScoreMatrix captions;  ///< no rows where there is no caption
  ScoreMatrix classes;   ///< no rows where there is no class
};

/// How `clippath eval` names its classes to the model.
struct ClassWords {
  std::filesystem::path prompts;  ///< a file of class prompts; empty: the names, in the templates
  std::vector<std::string> templates = {std::string(kClassNamePlaceholder)};
};

/// The prompts of the file; without one, the templates alone.
/// Fails: as read_class_prompts and check_templates.
Result<ClassPrompts> read_class_words(const ClassWords& words);

/// The classes that are told apart: those of the prompts, or where they have none, those of the
/// patches asked about, by their names (none where these have none).
/// Fails: kInvalidArgument where no patch asked about is of a class that has prompts.
Result<ClassPrompts> with_classes_of(const EvaluationSet& set, ClassPrompts prompts);

/// Names of the classes, in the prompts' order.
std::vector<std::string> class_names(const ClassPrompts& prompts);

/// Cosines of the pictures with the captions, and the probabilities of the classes as QueryEngine's
/// classify() gives them to a picture of one field.
/// Fails: as Encoder::encode_texts and make_class_vectors.
Result<EvalScores> model_scores(const EvalMaterial& material, const ClassPrompts& prompts,
                                int threads);

/// What colours alone say, learnt from the training split; without one, in turns from the patches
/// asked about: captions from all others, classes from those of other cases. No rows where there
/// is nothing to learn from, or where drawn_in_turns is too few for so many labels.
/// Requires: the colours of the material were counted.
EvalScores colour_scores(const EvalMaterial& material, const std::vector<std::string>& classes,
                         int threads);

/// How many patches are drawn to learn from in each turn, where all would take too long.
/// @param labels  at least one.
std::optional<std::size_t> drawn_in_turns(const EvaluationSet& set, std::size_t labels);

}  // namespace clippath::cli
