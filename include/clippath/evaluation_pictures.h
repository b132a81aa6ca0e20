// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/core/image.h"

namespace clippath {

/// A line of a chart: share of the queries at k = 1, 2, 3 ...
struct RecallCurve {
  std::string name;
  std::vector<double> shares;
};

/// Draws curves over k with axes and a legend, on white. At most four curves; the last one, chance,
/// is thin and gray.
RgbImage draw_recall_curves(const std::vector<RecallCurve>& curves);

/// A patch with the captions that a model puts first.
struct CaptionExample {
  struct Offered {
    std::string caption;
    double similarity = 0;
    bool right = false;
  };
  RgbImage picture;
  std::string caption;  ///< its own
  std::vector<Offered> first;
};

/// A row a patch: its picture, its own caption, the captions in order; the right one is framed.
RgbImage draw_examples(const std::vector<CaptionExample>& examples);

}  // namespace clippath
