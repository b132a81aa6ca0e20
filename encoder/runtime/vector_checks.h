// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "clippath/encoder.h"
#include "encoder/runtime/verify_model.h"

namespace clippath {

/// One tower with inputs for it.
struct TowerUnderTest {
  std::string inputs;     ///< "pictures"
  std::size_t count = 0;  ///< of the inputs, at least two
  /// Unit vectors of inputs `begin .. end - 1`, as one batch.
  std::function<Result<EmbeddingMatrix>(std::size_t begin, std::size_t end)> encode;
};

/// What must hold of the vectors of any tower, one check each; a single failed one where it gives
/// no vectors. They find a tower that computes nothing sensible, not one that computes something
/// else than it should.
std::vector<ModelCheck> check_vectors(const TowerUnderTest& tower, Dtype dtype);

/// Least cosine and largest difference against a limit, in words.
ModelCheck check_agreement(std::string name, const Agreement& agreement, double tolerance);

}  // namespace clippath
