// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"
#include "indexer/pipeline/prepare_slide.h"

namespace clippath {
namespace {

Result<SlidePlan> plan_slide(const SlideInput& input, const IndexOptions& options, int encoder_px,
                             const SlideOpener& open) {
  CLIPPATH_TRY(const PreparedSlide slide, prepare_slide(input, options, encoder_px, open));
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*slide.reader, slide.scale, options.tissue));
  SlidePlan plan;
  plan.id = input.id;
  TileSieve sieve(slide, mask);
  for (const TileGrid& grid : slide.grids) {
    plan.tiles += static_cast<std::int64_t>(grid.tiles.size());
    for (const TileRef& ref : grid.tiles) {
      if (!sieve.drop_reason(grid.rect_of(ref))) ++plan.expected_patches;
    }
  }
  if (plan.tiles == 0) plan.reason = too_small(slide);
  return plan;
}

}  // namespace

std::vector<SlidePlan> plan_slides(const std::vector<SlideInput>& slides,
                                   const IndexOptions& options, const EncoderList& encoders,
                                   const SlideOpener& open, const std::atomic<bool>& stop) {
  std::vector<SlidePlan> plans;
  for (const SlideInput& input : slides) {
    if (stop) break;
    Result<SlidePlan> plan = plan_slide(input, options, encoder_px_of(encoders), open);
    plans.push_back(plan ? std::move(*plan) : SlidePlan{input.id, 0, 0, plan.error().message});
  }
  return plans;
}

}  // namespace clippath
