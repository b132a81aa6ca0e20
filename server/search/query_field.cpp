// SPDX-License-Identifier: Apache-2.0
#include "server/search/query_field.h"

#include <algorithm>
#include <limits>
#include <span>

#include "clippath/core/digest.h"
#include "clippath/tiling.h"
#include "server/search/picture_fields.h"

namespace clippath {
namespace {

/// Higher is better: fields that fit by size, then those that do not, the smallest first.
double rank_of(double extent_um, double picture_um) {
  if (extent_um <= 0) return -std::numeric_limits<double>::infinity();
  const bool fits = extent_um * (1 - kFieldTolerance) <= picture_um;
  return fits ? extent_um : -extent_um;
}

/// The stains of the series whose patch has this very picture.
const StainProfile* stain_of_origin(const Snapshot& snapshot, const RgbImage& picture) {
  if (snapshot.patch_of_picture.empty()) return nullptr;
  const std::uint64_t hash = xxh3(to_patch_picture(picture, snapshot.picture_px).pixels);
  const auto found = snapshot.patch_of_picture.find(hash);
  if (found == snapshot.patch_of_picture.end()) return nullptr;
  const auto row = static_cast<std::size_t>(found->second);
  const SlideRecord& slide = snapshot.slides[snapshot.patch_slide[row]];
  const SeriesRecord* series = series_of(slide, snapshot.patches[row]);
  return series != nullptr && series->stain ? &*series->stain : nullptr;
}

Result<std::span<const SlideRecord>> slides_of(const Snapshot& snapshot, const ImageQuery& query) {
  const std::span<const SlideRecord> all = snapshot.slides;
  if (!query.slide_id) return all;
  const auto found = snapshot.slide_index.find(query.slide_id->value);
  if (found != snapshot.slide_index.end()) return all.subspan(found->second, 1);
  return fail({ErrorKind::kNotFound, "query.slide_id: no slide '" + query.slide_id->value + "'",
               "query.slide_id"});
}

}  // namespace

Result<QueryField> choose_query_field(const Snapshot& snapshot, const ImageQuery& query,
                                      double model_um) {
  CLIPPATH_TRY(const std::span<const SlideRecord> slides, slides_of(snapshot, query));
  const int shorter = std::min(query.image.width, query.image.height);
  const double picture_um = query.mpp ? shorter * query.mpp->value : model_um;
  const SeriesRecord* best = nullptr;
  for (const SlideRecord& slide : slides) {
    for (const SeriesRecord& series : slide.series) {
      if (series.count == 0) continue;
      if (best == nullptr ||
          rank_of(series.extent_um, picture_um) > rank_of(best->extent_um, picture_um)) {
        best = &series;
      }
    }
  }
  QueryField field{model_um, nullptr};
  if (best == nullptr) return field;
  if (best->extent_um > 0) field.extent_um = best->extent_um;
  if (!query.slide_id) {
    field.stain = stain_of_origin(snapshot, query.image);
  } else if (best->stain) {
    field.stain = &*best->stain;
  }
  return field;
}

}  // namespace clippath
