// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/eval_material.h"
#include "cli/eval_scores.h"

namespace clippath::cli {

/// What a reader must know before believing a figure: what the model has seen, what the colours
/// were learnt from, what was left out or not measured, and why.
/// @param of_colours  no rows where they are not measured.
std::vector<std::string> eval_notes(const EvalMaterial& material,
                                    const std::vector<std::string>& classes,
                                    const EvalScores& of_colours);

}  // namespace clippath::cli
