// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/result.h"
#include "clippath/generation.h"
#include "clippath/search.h"

namespace clippath {

/// What of the index a query picture is compared with.
struct QueryField {
  double extent_um = 0;                 ///< side of a field; 0: unknown
  const StainProfile* stain = nullptr;  ///< that the pictures of the named slide, or of the slide
                                        ///< that this one is a patch of, were evened out by; null
                                        ///< where each has its own, and for pictures from elsewhere
};

/// The largest field of the index that a query picture holds, a tenth more or less; the smallest
/// where it holds none. So a picture of a stored patch is seen as that patch was, whatever other
/// series there are, and a larger one is covered by fields of the index's own scale.
///
/// Only the series of the slide that the query names, where it names one. Without a scale of the
/// picture, that of `model_um` is taken for its side.
/// A picture with the very pixels of a stored patch is known by them, and has its slide's stains
/// without naming it: one field alone, which may show one stain only, does not tell them well
/// enough to find itself.
/// @param model_um  the field that the encoder was made for, 0 if it is not known; the answer where
///                  no series states its own.
/// Fails: kNotFound (query.slide_id) for an unknown slide.
Result<QueryField> choose_query_field(const Snapshot& snapshot, const ImageQuery& query,
                                      double model_um);

}  // namespace clippath
