// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "cli/eval_material.h"

namespace clippath::cli {

/// Where pictures of an evaluation go: PNG by that extension, else JPEG; empty: none.
struct EvalPictures {
  std::filesystem::path curves;
  std::filesystem::path examples;
};

/// Recall curves over all captions of the model, of the colours (where they have scores) and of
/// chance; and six patches, spread evenly over those asked about, with the captions that the model
/// puts first.
/// Fails: as read_picture and write_file_durably.
Result<void> write_eval_pictures(const EvalPictures& where, const EvalMaterial& material,
                                 const ScoreMatrix& model, const ScoreMatrix& colours);

}  // namespace clippath::cli
