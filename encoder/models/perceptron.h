// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "encoder/models/stored_weights.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/tensor_names.h"

namespace clippath {

/// The second half of a transformer layer: two linear layers with an activation between them.
/// Immutable: share freely.
class Perceptron {
 public:
  /// @param layer_scale  the outputs end in factors of their own.
  Perceptron(const StoredWeights& weights, const std::string& prefix, const LayerNames& names,
             Activation activation, bool layer_scale);

  /// @param x  `[..., width]`
  /// @return   `[..., width]`, the caller's own
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;

 private:
  /// How the activation is computed.
  enum class Kind {
    kFused,      ///< by the inner layer
    kQuickGelu,  ///< behind it
    kGated       ///< behind it; of twice as many inner outputs
  };

  Kind kind_;
  Linear inner_;
  Linear outer_;
};

}  // namespace clippath
