// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "clippath/stain.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/readers.h"

namespace clippath {

/// Brings the patch pictures of one series to the reference's colours. Immutable; thread-safe.
class StainStep {
 public:
  /// @param rule    nothing: pictures stay as they are. Outlives this object.
  /// @param series  the stains of the series; in slide scope, nothing means that it has none.
  StainStep(const std::optional<StainRule>& rule, std::optional<StainProfile> series)
      : rule_(rule), series_(std::move(series)) {}

  /// A picture whose stains cannot be found stays as it is, and its patch says so.
  [[nodiscard]] TilePicture operator()(TilePicture tile) const;

 private:
  /// Nothing where its stains cannot be found.
  [[nodiscard]] std::optional<RgbImage> normalised(const RgbImage& picture) const;

  const std::optional<StainRule>& rule_;
  std::optional<StainProfile> series_;
};

/// The stain step of a series. In slide scope up to kMostStainSamples of its tiles, evenly spread,
/// are read for it beforehand; `tiles` then gives what was read, 0.3 MB each, and no tile is read
/// twice.
/// @param stains  set to the stains found in slide scope; nothing if no tile has any.
StainStep make_stain_step(const Readers& readers, SeriesTiles& tiles,
                          std::optional<StainProfile>& stains);

}  // namespace clippath
