// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "encoder/models/perceptron.h"
#include "encoder/models/stored_weights.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/tensor_names.h"

namespace clippath {

/// Which rows a layer has to compute. A tower that pools its first or last token needs no others
/// from its last layer; that saves most of this layer's time.
enum class Rows { kAll, kFirst, kLast };

/// Which tokens a token sees.
enum class Sight { kAll, kBefore };

/// Multi-head self-attention, then a perceptron of two layers, each with a residual. Immutable:
/// share freely.
class TransformerLayer {
 public:
  /// @param layer_scale  the two outputs end in factors of their own.
  TransformerLayer(const StoredWeights& weights, const std::string& prefix, const LayerNames& names,
                   const TowerConfig& tower, bool layer_scale);

  /// Norm before attention and perceptron (ViT, CLIP).
  /// @param x      `[n, tokens, width]`
  /// @param sight  kBefore: a token sees itself and those before it; with Rows::kAll alone
  /// @return       `[n, tokens or 1, width]`
  [[nodiscard]] at::Tensor forward_norm_first(const at::Tensor& x, Rows rows, Sight sight) const;

  /// The same where a token sees what a mask says.
  /// @param mask  bool `[n, 1, tokens or 1, tokens]`, by the row that looks; true: is seen
  [[nodiscard]] at::Tensor forward_norm_first(const at::Tensor& x, const at::Tensor& mask,
                                              Rows rows) const;

  /// Norm after the residual (BERT).
  /// @param mask  added to the attention, `[n, 1, 1, tokens]`, 0 or -inf; undefined: none.
  [[nodiscard]] at::Tensor forward_norm_last(const at::Tensor& x, const at::Tensor& mask,
                                             Rows rows) const;

  /// How much each token attends to all of them inside forward_norm_first: softmax over the last
  /// dimension.
  /// @return  `[n, heads, tokens or 1, tokens]`
  [[nodiscard]] at::Tensor attention_norm_first(const at::Tensor& x, Rows rows) const;

 private:
  [[nodiscard]] at::Tensor add_attended(at::Tensor attended, const at::Tensor& x, Rows rows) const;
  [[nodiscard]] at::Tensor attend(const at::Tensor& x, const at::Tensor& mask, Rows rows,
                                  Sight sight) const;
  /// Part k of `[n, tokens, parts * width]` as `[n, heads, tokens, width / heads]`, a view.
  [[nodiscard]] at::Tensor heads_of(const at::Tensor& joined, std::int64_t part) const;

  std::int64_t width_;
  std::int64_t heads_;
  Linear query_;
  Linear key_value_;  ///< both with one input: one product
  Linear attention_output_;
  Perceptron perceptron_;
  LayerNorm attention_norm_;
  LayerNorm perceptron_norm_;
};

/// Loads all layers of a tower, beside each other: copying weights is bound by memory and page
/// faults, and a process that starts has its cores free.
/// @param prefix  of every layer, up to its number.
std::vector<TransformerLayer> load_layers(const StoredWeights& weights, const std::string& prefix,
                                          const LayerNames& names, const TowerConfig& tower,
                                          bool layer_scale);

}  // namespace clippath
