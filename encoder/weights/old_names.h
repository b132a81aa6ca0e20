// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "encoder/weights/weights_file.h"

namespace clippath {

/// Gives tensors their names of today: BERT's first checkpoints call the weight and the bias of a
/// layer norm gamma and beta.
/// Fails: kInvalidArgument for a tensor that is there under both names.
Result<void> rename_old_tensors(TensorTable& tensors);

}  // namespace clippath
