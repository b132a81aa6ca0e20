// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/encoder.h"
#include "clippath/evaluation.h"

namespace clippath::cli {

/// What `clippath eval` is asked to look at.
struct EvalInput {
  std::filesystem::path pairs;     ///< a table of patches and captions, or
  std::filesystem::path data;      ///< a data folder
  std::filesystem::path pictures;  ///< folder that the table's files lie in; empty: the table's own
  std::filesystem::path model;     ///< with `pairs`
  std::string split;               ///< patches that are asked about; empty: all
  std::string candidates_split;    ///< patches that are found; empty: all
  std::string training_split = "train";
  std::string split_column = "split";
  std::string class_column = "class";
  std::string site_column = "site";
  bool colours = true;
  EncoderOptions encoder;
  std::string encoder_name;  ///< one of a data folder's, by id or name; empty: the first
};

/// Everything that figures are made of.
struct EvalMaterial {
  EvaluationSet set;
  EmbeddingMatrix images;   ///< of each patch
  EmbeddingMatrix colours;  ///< histogram of each patch; no rows where they are not measured
  std::shared_ptr<const Encoder> encoder;
  std::string data;                 ///< for people
  std::size_t without_caption = 0;  ///< patches of a folder left out, as others have a caption
  std::function<Result<RgbImage>(std::size_t)> picture;  ///< of a patch
};

/// Reads `file` and, where the table has them, `caption, case, slide`, and the columns that `input`
/// names; captions or classes it must have. Without a case the slide is one, without a slide the
/// case, without both the file. Encodes all pictures.
/// Fails: kInvalidArgument naming the line; as load_encoder; as read_picture.
Result<EvalMaterial> material_of_pairs(const EvalInput& input, int threads);

/// Takes the patches of a data folder that have a caption, or all where none has, with their stored
/// vectors; the columns of `input` are fields of patch or slide. Fails: as open_engine;
/// kFailedPrecondition without a patch or a model.
Result<EvalMaterial> material_of_folder(const EvalInput& input, int threads);

}  // namespace clippath::cli
