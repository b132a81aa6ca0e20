// SPDX-License-Identifier: Apache-2.0
#include "cli/attention_options.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace clippath::cli {
namespace {

/// `last`, `all`, or numbers with commas between them.
Result<AttentionLayers> parse_layers(const std::string& text) {
  AttentionLayers layers;
  if (text == "last") return layers;
  layers.which = AttentionLayers::Which::kAll;
  if (text == "all") return layers;
  layers.which = AttentionLayers::Which::kListed;
  const char* const end = text.data() + text.size();
  for (const char* place = text.data();; ++place) {
    std::int64_t layer = 0;
    const auto [stop, error] = std::from_chars(place, end, layer);
    if (error != std::errc() || (stop != end && *stop != ',')) break;
    layers.listed.push_back(layer);
    if (stop == end) return layers;
    place = stop;
  }
  return fail(
      {ErrorKind::kInvalidArgument,
       "--attention-layers: must be last, all, or layers from 0 up as 9,10,11; is '" + text + "'",
       "attention_layers"});
}

Result<AttentionRule> make_rule(const AttentionOptions& options) {
  AttentionRule rule;
  CLIPPATH_TRY(rule.mode, parse_attention_mode(options.mode));
  CLIPPATH_TRY(rule.heads, parse_attention_heads(options.heads));
  rule.keep = options.keep;
  rule.target_keep = options.target_keep;
  rule.threshold = options.threshold.value_or(rule.threshold);
  CLIPPATH_TRY_VOID(check_attention_rule(rule));
  const bool has_default = rule.mode == AttentionMode::kScaled;
  if (has_default || options.threshold || options.target_keep) return rule;
  return fail({ErrorKind::kInvalidArgument,
               "--attention-mode " + options.mode +
                   ": give --attention-threshold, or --target-keep to find one",
               "attention_threshold"});
}

}  // namespace

void add_attention_options(CLI::App& command, AttentionOptions& options) {
  auto* model =
      command.add_option("--attention-model", options.model,
                         "Folder of a DINO ViT: drop tiles whose attention is not spread enough, "
                         "after the tissue rules (default: no such filter)");
  command
      .add_option("--attention-mode", options.mode,
                  "What is compared with the threshold: raw, scaled (times the patches of the "
                  "picture), max, minmax, mass; rank is no filter")
      ->check(CLI::IsMember({"raw", "scaled", "max", "minmax", "mass", "rank"}))
      ->capture_default_str()
      ->needs(model);
  command.add_option("--attention-heads", options.heads, "Heads of a layer: mean, max, each")
      ->check(CLI::IsMember({"mean", "max", "each"}))
      ->capture_default_str()
      ->needs(model);
  command
      .add_option("--attention-layers", options.layers, "Layers: last, all, or a list from 0 up")
      ->capture_default_str()
      ->needs(model);
  auto* threshold = command
                        .add_option("--attention-threshold", options.threshold,
                                    "Threshold of the values (mode scaled: 0.5 by default)")
                        ->needs(model);
  command
      .add_option("--attention-keep", options.keep,
                  "A tile is kept when more than this share of its values is above the threshold")
      ->capture_default_str()
      ->needs(model);
  command
      .add_option("--target-keep", options.target_keep,
                  "Find for each slide and field of view the threshold that keeps about this share "
                  "of its tiles")
      ->needs(model)
      ->excludes(threshold);
}

Result<void> settle_attention(const AttentionOptions& options, const std::string& device,
                              IndexOptions& index) {
  if (options.model.empty()) return {};
  CLIPPATH_TRY(AttentionRule rule, make_rule(options));
  CLIPPATH_TRY(const AttentionLayers layers, parse_layers(options.layers));
  CLIPPATH_TRY(index.attention_network, load_attention_network(options.model, layers, device));
  rule.network = index.attention_network->id();
  rule.layers = index.attention_network->layers();
  index.attention = std::move(rule);
  return {};
}

}  // namespace clippath::cli
