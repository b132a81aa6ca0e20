// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/stain.h"
#include "indexer/pipeline/index_run.h"

namespace clippath {

/// Brings the patch pictures of one series to the reference's colours. Immutable; thread-safe.
class StainStep {
 public:
  /// @param rule    nothing: pictures stay as they are. Outlives this object.
  /// @param series  the stains of the series; in slide scope, nothing means that it has none.
  StainStep(const std::optional<StainRule>& rule, std::optional<StainProfile> series)
      : rule_(rule), series_(std::move(series)) {}

  /// The picture for the encoder; nothing where its stains cannot be found, so that it has to be
  /// encoded as it is.
  [[nodiscard]] std::optional<RgbImage> operator()(const RgbImage& picture) const;

 private:
  const std::optional<StainRule>& rule_;
  std::optional<StainProfile> series_;
};

/// Reads one patch picture of a series; runs on a reader thread.
using ReadPicture = std::function<Result<RgbImage>()>;

/// The stain step of a series. In slide scope up to kMostStainSamples of its pictures, evenly
/// spread, are read for it beforehand; what cannot be read is met again when its turn comes.
/// @param stains  set to the stains found in slide scope; nothing if no picture has any.
StainStep make_stain_step(IndexRun& run, const std::vector<ReadPicture>& pictures,
                          std::optional<StainProfile>& stains);

}  // namespace clippath
