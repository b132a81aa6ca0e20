// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "encoder/weights/model_config.h"

namespace clippath {

// Where the tensors of a family lie. The check of a file and the towers read the same tables, so
// that they cannot disagree. All names are below the prefix of their tower; one that is empty is a
// part that the family does not have.

/// Names of the parts of one layer, below its own prefix. A linear layer named "mlp.fc1." is the
/// tensors "mlp.fc1.weight" and "mlp.fc1.bias"; OpenAI's "attn.in_proj_" ends otherwise.
struct LayerNames {
  std::string query_key_value = {};  ///< where one linear layer holds all three, in this order
  std::string query = {};            ///< else, as the next two
  std::string key = {};
  std::string value = {};
  std::string attention_output;
  std::string inner, outer;  ///< the two linear layers of the perceptron
  std::string attention_norm, perceptron_norm;
  std::string attention_scale = {};  ///< a whole name, as the next
  std::string perceptron_scale = {};
};

struct VisionNames {
  std::string patch;  ///< a linear layer
  std::string class_token, positions;
  std::string registers = {};
  bool leading_ones = true;  ///< the class token is `[1, 1, width]`, not `[width]`; positions alike
  std::string first_norm = {};
  std::string layers;  ///< up to the number of a layer
  LayerNames layer;
  std::string last_norm;
  std::string pooler = {};
};

struct TextNames {
  std::string words, positions;
  std::string token_types = {};
  std::string appended_token = {};  ///< of a tower that pools one
  std::string first_norm = {};
  std::string layers;
  LayerNames layer;
  std::string last_norm = {};
  std::string pooler = {};
};

/// Of the attentional poolers of open_clip where the tokens have another width than the query.
struct AttentionalPoolerNames {
  std::string query;  ///< `[1, width]`
  std::string query_norm, key_norm;
  std::string query_product, key_product, value_product;  ///< whole names
  std::string biases;                                     ///< of the three, behind each other
  std::string attention_output;
  std::string last_norm;
};

/// @param activation  a perceptron with SwiGLU has names of its own in some families.
VisionNames names_of(VisionFamily family, Activation activation);
TextNames names_of(TextFamily family);
AttentionalPoolerNames attentional_pooler_names();

}  // namespace clippath
