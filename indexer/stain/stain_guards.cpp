// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/stain_guards.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "clippath/core/each_processor.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kLeastAngle = 3;  // degrees: true optima of real slides lie at 7 to 19
constexpr double kMostAngle = 60;
constexpr int kMagentaLevels = 5;

/// Haematoxylin and eosin both take more of green than of red and of blue.
CLIPPATH_FOR_EACH_PROCESSOR
std::size_t count_magenta(const std::vector<std::uint8_t>& rgb) {
  const std::uint8_t* pixel = rgb.data();
  const std::size_t count = rgb.size() / 3;
  std::uint32_t magenta = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int other = std::min(pixel[3 * i], pixel[3 * i + 2]);
    magenta += other - pixel[3 * i + 1] > kMagentaLevels ? 1U : 0U;
  }
  return magenta;
}

std::string percent(double share) { return std::to_string(static_cast<int>(100 * share)) + " %"; }

double angle_in_degrees(const StainMatrix& m) {
  return std::acos(std::clamp(dot(m[0], m[1]), -1.0, 1.0)) * 180 / std::numbers::pi;
}

}  // namespace

Result<void> check_tissue(const std::vector<std::uint8_t>& tissue, std::size_t all) {
  const std::size_t pixels = tissue.size() / 3;
  if (pixels == 0 || static_cast<double>(pixels) < kLeastStainTissue * static_cast<double>(all)) {
    return fail(ErrorKind::kFailedPrecondition,
                "too little tissue for stains: " + std::to_string(pixels) + " of " +
                    std::to_string(all) + " pixels are dark enough, at least " +
                    percent(kLeastStainTissue) + " must be");
  }
  const double magenta = static_cast<double>(count_magenta(tissue)) / static_cast<double>(pixels);
  if (magenta >= kLeastMagenta) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "not stained with haematoxylin and eosin: " + percent(magenta) +
                  " of the tissue is pink to violet, at least " + percent(kLeastMagenta) +
                  " must be");
}

Result<void> check_angle(const StainMatrix& matrix) {
  const double angle = angle_in_degrees(matrix);
  // Written so that NaN fails too.
  if (angle >= kLeastAngle && angle <= kMostAngle) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "haematoxylin and eosin cannot be told apart: the stains found lie " +
                  std::to_string(static_cast<int>(angle)) + " degrees apart, 3 to 60 are usual");
}

Result<void> check_amounts(const StainAmounts& most) {
  if (std::min(most[0], most[1]) >= kLeastConcentration) return {};
  // What has one stain only (or another one altogether) would be bent to look like two.
  return fail(ErrorKind::kFailedPrecondition,
              "haematoxylin and eosin cannot be told apart: the pictures have one stain only");
}

}  // namespace clippath
