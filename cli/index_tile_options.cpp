// SPDX-License-Identifier: Apache-2.0
#include "cli/index_tile_options.h"

#include <algorithm>
#include <system_error>

#include "cli/command.h"

namespace clippath::cli {

void add_tile_options(CLI::App& command, TileOptions& options) {
  auto* px = command.add_option("--px", options.px,
                                "Field of view as a side in pixels of --mpp micrometres each: "
                                "--px 1024 --mpp 0.5 is --um 512");
  auto* mpp = command.add_option("--mpp", options.mpp, "Size of a pixel of --px, in micrometres");
  px->check(above_zero())->needs(mpp);
  mpp->check(above_zero())->needs(px);
  for (const char* other : {"--um", "--level0-px"}) px->excludes(command.get_option(other));
  command
      .add_option("--edge", options.edge,
                  "Tiles that cross the right or bottom edge: drop them, or pad with background")
      ->check(CLI::IsMember({"drop", "pad"}))
      ->capture_default_str();
  command.add_flag("--allow-upsampling", options.allow_upsampling,
                   "Take slides that are too coarse for the encoder, and enlarge their tiles");
  command.add_option("--roi", options.roi,
                     "Index only what lies in the annotations of a GeoJSON file as QuPath exports "
                     "it, or of <slide id>.geojson in a folder; a tile is where its centre is");
  command
      .add_option("--roi-class", options.classes.included,
                  "Classes of annotations to index (default: all that are not excluded)")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--exclude-class", options.classes.excluded,
                  "Classes of annotations to leave out")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
}

Result<void> settle_tile_options(TileOptions& options, IndexOptions& index) {
  if (options.px > 0) {
    options.field = FieldOfView{FieldOfView::Unit::kMicrons, options.px * options.mpp};
  }
  CLIPPATH_TRY(index.tiles.edge, parse_edge_policy(options.edge));
  index.tiles.allow_upsampling = options.allow_upsampling;
  index.regions = options.classes;
  return {};
}

Result<void> assign_regions(const TileOptions& options, std::vector<SlideInput>& slides) {
  if (options.roi.empty()) {
    const bool has_outlines = std::any_of(
        slides.begin(), slides.end(), [](const SlideInput& slide) { return !slide.roi.empty(); });
    if (options.classes.included.empty() || has_outlines) return {};
    return fail({ErrorKind::kInvalidArgument,
                 "--roi-class names classes of annotations, and no slide has any: give --roi, or a "
                 "column roi in the manifest",
                 "roi_class"});
  }
  if (slides.empty()) {
    return fail({ErrorKind::kInvalidArgument,
                 "--roi chooses tiles of slides, and there are none; the patches of a table are "
                 "chosen already",
                 "roi"});
  }
  std::error_code error;
  const std::filesystem::path roi = std::filesystem::absolute(options.roi).lexically_normal();
  if (!std::filesystem::exists(roi, error)) {
    return fail(
        {ErrorKind::kInvalidArgument, "--roi '" + roi.string() + "' does not exist", "roi"});
  }
  const bool is_folder = std::filesystem::is_directory(roi, error);
  const auto usable = std::count_if(slides.begin(), slides.end(),
                                    [](const SlideInput& slide) { return slide.fault.empty(); });
  if (!is_folder && usable > 1) {
    return fail({ErrorKind::kInvalidArgument,
                 "--roi names one file for " + std::to_string(usable) +
                     " slides; give a folder with <slide id>.geojson for each, or a manifest with "
                     "a column roi",
                 "roi"});
  }
  for (SlideInput& slide : slides) {
    if (slide.roi.empty()) slide.roi = is_folder ? roi / (slide.id.value + ".geojson") : roi;
  }
  return {};
}

}  // namespace clippath::cli
