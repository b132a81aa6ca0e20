// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clippath/search.h"

namespace clippath::cli {

/// An answer for a spreadsheet: one hit a row, in reading order; the users' own columns follow as
/// `field:<name>`. Free text is guarded by spreadsheet_text.
std::string hits_as_csv(const SearchAnswer& answer);

/// An answer for QuPath: an annotation a hit, its similarity as a measurement, its slide as
/// metadata.
struct HitAnnotations {
  std::string geojson;
  std::size_t slides = 0;         ///< that the annotations lie on; QuPath shows one at a time
  std::size_t without_place = 0;  ///< hits that have no place on a slide, and are left out
};
HitAnnotations hits_as_geojson(const SearchAnswer& answer);

}  // namespace clippath::cli
