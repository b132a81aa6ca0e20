// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "clippath/vectors.h"

namespace clippath {

/// A row in its place in an answer.
struct Candidate {
  RowHit hit;
  std::string via;  ///< picture to reports: which way it was found; else empty
};

/// Rows, best first. The order is the answer's: falling similarity, then row (or, for two fused
/// legs, falling fused rank).
using Ranking = std::vector<Candidate>;

/// The `limit` most similar allowed rows. A row is as similar as its best match among the query's
/// vectors (MaxSim).
/// @param queries  `[n, dimension]`, unit rows, n >= 1.
Result<Ranking> rank_nearest(const VectorIndex& index, const EmbeddingMatrix& queries,
                             std::int64_t limit, const RowSet& allowed);

/// Every allowed row, ranked: for groups, where no limit on rows guarantees enough groups.
Result<Ranking> rank_all(const VectorIndex& index, const EmbeddingMatrix& queries,
                         const RowSet& allowed);

/// Merges two rankings of the same rows whose similarities are not of one scale: ranks are added as
/// 1 / (60 + rank) over the legs (Cormack et al., SIGIR 2009). `via` becomes "direct", "neighbours"
/// or "both"; the similarity is that of the leg where the row ranks higher.
Ranking fuse(const Ranking& direct, const Ranking& neighbours);

/// Removes what is less similar than `least`. True when something was removed.
bool cut_below(Ranking& ranking, const std::optional<double>& least);

}  // namespace clippath
