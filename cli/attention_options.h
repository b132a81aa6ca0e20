// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/command.h"
#include "clippath/pipeline.h"

namespace clippath::cli {

/// The attention filter as it stands on the command line of `index`.
struct AttentionOptions {
  std::filesystem::path model;  ///< empty: no filter
  std::string mode = "scaled";
  std::string heads = "mean";
  std::string layers = "last";
  std::optional<double> threshold;
  std::optional<double> target_keep;
  double keep = 0.7;
};

void add_attention_options(CLI::App& command, AttentionOptions& options);

/// Loads the network onto a device (EncoderOptions::device), where one is named, and sets the rule.
/// Fails: as load_attention_network and check_attention_rule; kInvalidArgument for a mode other
/// than scaled without a threshold.
Result<void> settle_attention(const AttentionOptions& options, const std::string& device,
                              IndexOptions& index);

}  // namespace clippath::cli
