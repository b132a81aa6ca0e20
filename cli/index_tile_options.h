// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clippath/manifest.h"
#include "clippath/pipeline.h"

namespace clippath::cli {

/// The options of `index` that say which squares of a slide are its tiles.
struct TileOptions {
  double px = 0;
  double mpp = 0;
  std::string edge = "drop";
  bool allow_upsampling = false;
  std::filesystem::path roi;
  RegionClasses classes;
  std::optional<FieldOfView> field;  ///< of --px and --mpp; set by settle_tile_options
};

/// Adds --px, --mpp, --edge, --allow-upsampling, --roi, --roi-class and --exclude-class.
/// Requires: --um and --level0-px were added before.
void add_tile_options(CLI::App& command, TileOptions& options);

/// Takes over what was given. Fails: kInvalidArgument naming the option.
Result<void> settle_tile_options(TileOptions& options, IndexOptions& index);

/// Gives every slide that names no regions itself (column `roi` of a manifest) those of --roi: that
/// file, or `<slide id>.geojson` in that folder. Fails: kInvalidArgument for no slide, for one file
/// and several slides, and for a path that does not exist (a file missing in the folder costs its
/// slide only).
Result<void> assign_regions(const TileOptions& options, std::vector<SlideInput>& slides);

}  // namespace clippath::cli
