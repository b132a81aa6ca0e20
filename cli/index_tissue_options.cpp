// SPDX-License-Identifier: Apache-2.0
#include "cli/index_tissue_options.h"

#include <cstdio>

#include "clippath/slide.h"

namespace clippath::cli {

void add_tissue_rule_options(CLI::App& command, TissueOptions& options) {
  std::vector<std::string> presets;
  for (const TissuePreset preset : kTissuePresets) presets.emplace_back(to_string(preset));
  command.add_option("--tissue", options.preset, "How tissue is told from glass (docs/tissue.md)")
      ->check(CLI::IsMember(presets))
      ->capture_default_str();
  command
      .add_option("--quality", options.quality,
                  "Faults that drop a tile: all, none, or a list of blank,black,pen,blur")
      ->capture_default_str();
  command
      .add_option("--min-tissue", options.min_tissue,
                  "Least share of tissue of a tile (default: the preset's, 0.5; 0 for clam)")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option(
          "--max-white", options.max_white,
          "Largest share of white pixels of a tile (default: the preset's, 0.5; 1 for clam, pale)")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--white-threshold", options.white_threshold,
                  "A pixel is white when its gray is above this")
      ->check(CLI::Range(0, 255))
      ->capture_default_str();
}

void add_tissue_options(CLI::App& command, TissueOptions& options) {
  add_tissue_rule_options(command, options);
  command.add_option(
      "--explain", options.explain,
      "Folder for one PNG a slide and field of view: which tile was dropped and why; with "
      "--attention-model another, of where it looked; reads the tiles once more, also with "
      "--dry-run");
}

Result<void> settle_tissue(const TissueOptions& options, IndexOptions& index) {
  CLIPPATH_TRY(const TissuePreset preset, parse_tissue_preset(options.preset));
  index.tissue = tissue_rule(preset);
  index.tissue.white_threshold = options.white_threshold;
  if (options.min_tissue) index.tissue.min_tissue = *options.min_tissue;
  if (options.max_white) index.tissue.max_white = *options.max_white;
  CLIPPATH_TRY(index.quality, parse_quality_rules(options.quality));
  return {};
}

Result<void> explain_tissue(const TissueOptions& options, const std::vector<SlideInput>& slides,
                            const IndexOptions& index, const EncoderList& encoders,
                            const SlideOpener& open, const Context& context) {
  if (options.explain.empty()) return {};
  CLIPPATH_TRY(const std::vector<std::string> not_drawn,
               explain_slides(slides, index, encoders, open, options.explain, context.stop));
  for (const std::string& reason : not_drawn) {
    std::fprintf(stderr, "not drawn: %s\n", reason.c_str());
  }
  return {};
}

}  // namespace clippath::cli
