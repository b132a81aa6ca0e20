// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/stain_step.h"

#include <utility>

#include "clippath/core/spread_sample.h"
#include "indexer/pipeline/ordered_stage.h"

namespace clippath {
namespace {

std::optional<StainSample> read_sample(const ReadPicture& read, StainMethod method) {
  const auto picture = read();
  if (!picture) return std::nullopt;
  auto sample = sample_stain(*picture, method);
  if (!sample) return std::nullopt;
  return std::move(*sample);
}

std::optional<StainProfile> fit_series(IndexRun& run, const std::vector<ReadPicture>& pictures,
                                       StainMethod method) {
  const std::vector<ReadPicture> sampled = spread_sample(pictures, kMostStainSamples);
  OrderedStage<std::optional<StainSample>> stage(run.readers(), kMostStainSamples);
  for (const ReadPicture& read : sampled) {
    stage.add([&read, &run, method] {
      return run.stopping() ? std::nullopt : read_sample(read, method);
    });
  }
  std::vector<StainSample> samples;
  while (!stage.empty()) {
    std::optional<StainSample> sample = stage.take();
    if (sample) samples.push_back(std::move(*sample));
  }
  auto stains = slide_stain(std::move(samples));
  if (!stains) return std::nullopt;
  return *stains;
}

}  // namespace

std::optional<RgbImage> StainStep::operator()(const RgbImage& picture) const {
  if (!rule_) return picture;
  if (rule_->scope == StainScope::kSlide && !series_) return std::nullopt;
  auto normalised = normalise_stain(picture, rule_->target, series_ ? &*series_ : nullptr);
  if (!normalised) return std::nullopt;
  return std::move(*normalised);
}

StainStep make_stain_step(IndexRun& run, const std::vector<ReadPicture>& pictures,
                          std::optional<StainProfile>& stains) {
  const std::optional<StainRule>& rule = run.options().stain;
  if (rule && rule->scope == StainScope::kSlide) {
    stains = fit_series(run, pictures, rule->target.method);
  }
  return StainStep(rule, stains);
}

}  // namespace clippath
