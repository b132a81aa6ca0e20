// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clippath/core/deadline.h"
#include "clippath/core/embedding.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "clippath/generation.h"
#include "clippath/search.h"

namespace clippath {

/// Where a query comes from, for `exclude` and `linked`. Empty ids where it is free text or an
/// upload.
struct QueryOrigin {
  PatchId patch;
  ReportId report;
  SlideId slide;
  CaseId case_id;
};

/// A query as the indexes understand it.
struct QueryVectors {
  EmbeddingMatrix vectors;  ///< unit rows; a row of the index is as similar as its best match among
                            ///< them (MaxSim)
  QueryOrigin origin;
  bool is_picture = false;  ///< one upload or one patch: finds reports through its neighbours too
  std::vector<std::string> warnings;
};

/// Turns the terms of a request into vectors: one term as it is, several as the normalised sum of
/// weight * unit vector. Fails: kInvalidArgument (no terms, too many, an empty text, a sum without
/// direction), kNotFound for an unknown id, kFailedPrecondition with code
///        no_model if the encoder is needed and null; what the encoder fails with.
Result<QueryVectors> make_query_vectors(const std::vector<QueryTerm>& terms,
                                        const Snapshot& snapshot, const Encoder* encoder,
                                        const Deadline& deadline);

/// The vectors of one picture, as make_query_vectors makes them.
Result<QueryVectors> make_picture_vectors(const std::variant<ImageQuery, PatchQuery>& picture,
                                          const Snapshot& snapshot, const Encoder* encoder,
                                          const Deadline& deadline);

/// The error of a query that needs an encoder where there is none.
Error no_model_error();

}  // namespace clippath
