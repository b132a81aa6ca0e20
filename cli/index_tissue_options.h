// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "clippath/pipeline.h"

namespace clippath::cli {

/// How tiles are filtered, as the command line says it.
struct TissueOptions {
  std::string preset = "clippath225";
  std::string quality = "all";
  int white_threshold = 225;
  std::optional<double> min_tissue;  ///< nothing: the preset's
  std::optional<double> max_white;
  std::filesystem::path explain;  ///< folder for overlays; empty: none are drawn
};

/// Adds `--tissue`, `--quality`, `--min-tissue`, `--max-white`, `--white-threshold`.
void add_tissue_rule_options(CLI::App& command, TissueOptions& options);

/// The same and `--explain`.
void add_tissue_options(CLI::App& command, TissueOptions& options);

/// Sets the rules of a run. Fails: kInvalidArgument for an unknown preset or rule.
Result<void> settle_tissue(const TissueOptions& options, IndexOptions& index);

/// Draws the overlays that were asked for, and names on stderr what could not be drawn.
/// Fails: as explain_slides.
Result<void> explain_tissue(const TissueOptions& options, const std::vector<SlideInput>& slides,
                            const IndexOptions& index, const EncoderList& encoders,
                            const SlideOpener& open, const Context& context);

}  // namespace clippath::cli
