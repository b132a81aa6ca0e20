// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "clippath/generation.h"
#include "clippath/search.h"
#include "core/json/json.h"

namespace clippath {

// Records as the API shows them. Paths of files never appear: they may name a patient. What is not
// known is null.

Json fields_json(const Fields& fields);
Json rect_json(const std::optional<Level0Rect>& rect);
/// Sets `mpp` and `mpp_source`.
void add_scale(Json& object, const std::optional<SlideScale>& scale);
/// A similarity to six decimals: more would be rounding noise of single precision.
Json similarity_json(float similarity);

/// Sets `image_url`, `region_url` and `thumbnail_url`: where this place can be seen.
/// @param slide, patch  null where a hit has none.
void add_links(Json& object, const SlideRecord* slide, const PatchRecord* patch);

Json patch_json(const QueryEngine& engine, const PatchRecord& patch, const SlideRecord& slide);
Json report_json(const ReportRecord& report);
/// What the list of slides shows of each.
Json slide_summary_json(const QueryEngine& engine, const SlideRecord& slide);
Json slide_json(const QueryEngine& engine, const SlideRecord& slide);

}  // namespace clippath
