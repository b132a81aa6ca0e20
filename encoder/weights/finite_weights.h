// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "encoder/weights/architecture.h"

namespace clippath {

/// Looks at every number of the tensors that a model is made of, about as fast as memory is read:
/// beside the work of another thread if it can. One number that is not finite spreads through every
/// vector of the model.
/// @param tensors  found to agree with `expected` (check_tensors).
/// Fails: kCorruption naming the first tensor, in the order of the names, that holds a number which
/// is NaN, infinite or beyond float32.
Result<void> check_finite(const TensorTable& tensors, const ExpectedTensors& expected);

}  // namespace clippath
