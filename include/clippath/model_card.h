// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// Which vector stands for a text.
enum class TextPooling {
  kPooler,   ///< the first token, through a dense layer and tanh
  kCls,      ///< the first token
  kMean,     ///< the mean of all tokens, special ones included
  kEnd,      ///< the token that ends the text: CLIP's, never a choice
  kAppended  ///< a learned token behind the text: CoCa's, never a choice
};

/// What a model folder's `clippath.json` says (schemas/model_card.schema.json). A folder without
/// one gets the defaults below.
struct ModelCard {
  std::string name;   ///< default: the folder's name
  bool demo = false;  ///< a demonstration model: every page and listing says so
  std::optional<TextPooling> text_pooling;  ///< none: as the class that wrote the model pools
  int max_text_tokens = 0;        ///< longer texts are cut; 0: the text tower's number of positions
  std::vector<double> extent_um;  ///< fields of view it was trained on
  double default_extent_um = 0;   ///< 0: not stated, the user must say `--um`
  std::string stain = "none";
  int image_size = 0;  ///< 0: the config's
  std::string licence;
  std::vector<std::string> training_slides;
  std::string training_data;
  std::string golden;  ///< file with golden outputs, relative to the folder; may be empty
};

/// Reads `clippath.json`; unknown keys are refused.
/// Fails: kNotFound if the folder does not exist; kInvalidArgument naming the key.
Result<ModelCard> load_model_card(const std::filesystem::path& folder);

}  // namespace clippath
