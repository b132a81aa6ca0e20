// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clippath/slide.h"

namespace clippath::test {

/// A slide that is drawn and has no file: white glass with rectangles of tissue, whose colour
/// changes with the place, so that no two tiles look the same. Immutable: share freely.
class SyntheticSlide : public SlideReader {
 public:
  struct Drawing {
    std::int64_t width = 4096;
    std::int64_t height = 4096;
    std::vector<int> downsamples = {1, 4};
    std::optional<double> mpp = 0.5;
    double axis_ratio = 1;  ///< mpp-y / mpp-x
    std::optional<double> objective;
    std::vector<Level0Rect> tissue;
    std::vector<Level0Rect> damaged;  ///< a read that touches one of these fails
  };

  explicit SyntheticSlide(Drawing drawing);
  [[nodiscard]] const SlideInfo& info() const override { return info_; }
  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level, PixelSize size) const override;

 private:
  Drawing drawing_;
  SlideInfo info_;
};

}  // namespace clippath::test
