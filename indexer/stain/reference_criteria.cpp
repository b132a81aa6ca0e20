// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/reference_criteria.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "indexer/stain/concentrations.h"
#include "indexer/stain/reinhard.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

// A part of a 512 um tile is 64 um wide: a gland or a bundle of stroma, not a nucleus.
constexpr int kPartsPerSide = 8;
constexpr double kLeastPartTissue = 0.25;
constexpr double kNuclear = 0.5;  // of the slide's 99th percentile of haematoxylin

/// Pixels of one part of a tile.
struct Part {
  double pixels = 0;
  double tissue = 0;
  double nuclei = 0;
};

RgbImage cut_out(const RgbImage& tile, int column, int row) {
  const auto edge = [](int side, int part) { return side * part / kPartsPerSide; };
  const int left = edge(tile.width, column);
  const int top = edge(tile.height, row);
  RgbImage part{edge(tile.width, column + 1) - left, edge(tile.height, row + 1) - top, {}};
  for (int y = top; y < top + part.height; ++y) {
    const std::uint8_t* from = tile.row(y) + 3 * static_cast<std::ptrdiff_t>(left);
    part.pixels.insert(part.pixels.end(), from, from + 3 * static_cast<std::ptrdiff_t>(part.width));
  }
  return part;
}

Part measure_part(const RgbImage& pixels, const StainAmountsOfPixels& amounts_of, double nuclear) {
  const std::vector<std::uint8_t> tissue = tissue_pixels({&pixels, 1});
  Part part{static_cast<double>(pixels.size_bytes() / 3), static_cast<double>(tissue.size() / 3),
            0};
  PairBlock amounts{};
  for_each_block(tissue, [&](std::span<const std::uint8_t> rgb) {
    amounts_of(rgb, amounts);
    const std::span haematoxylin = std::span(amounts[0]).first(rgb.size() / 3);
    part.nuclei += static_cast<double>(std::count_if(haematoxylin.begin(), haematoxylin.end(),
                                                     [&](double a) { return a > nuclear; }));
  });
  return part;
}

std::array<double, 3> mean_colour(const std::vector<std::uint8_t>& rgb) {
  const auto count = static_cast<int>(rgb.size() / 3);
  const RgbImage row{count, std::min(count, 1), rgb};
  return measure_reinhard({&row, 1}).lab_mean;
}

double deviation_of(const std::vector<double>& values) {
  double sum = 0;
  double squares = 0;
  for (const double value : values) {
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(values.size(), 1));
  return std::sqrt(std::max(0.0, squares / n - (sum / n) * (sum / n)));
}

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Adds a quarter of the share of the other tiles whose fault is not smaller than a tile's own.
void add_ranks(const std::vector<double>& faults, std::vector<double>& scores) {
  std::vector<double> sorted = faults;
  std::sort(sorted.begin(), sorted.end());
  const auto others = static_cast<double>(std::max<std::size_t>(faults.size() - 1, 1));
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto better = std::lower_bound(sorted.begin(), sorted.end(), faults[i]) - sorted.begin();
    scores[i] += (1 - static_cast<double>(better) / others) / 4;
  }
}

}  // namespace

ReferenceCriteria measure_reference(const RgbImage& tile, const StainProfile& slide) {
  const StainAmountsOfPixels amounts_of(slide.matrix, kConcentrationLambda);
  Part whole;
  std::vector<double> densities;
  for (int row = 0; row < kPartsPerSide; ++row) {
    for (int column = 0; column < kPartsPerSide; ++column) {
      const Part part = measure_part(cut_out(tile, column, row), amounts_of,
                                     kNuclear * slide.max_concentrations[0]);
      whole.pixels += part.pixels;
      whole.tissue += part.tissue;
      whole.nuclei += part.nuclei;
      if (part.tissue > 0 && part.tissue >= kLeastPartTissue * part.pixels) {
        densities.push_back(part.nuclei / part.tissue);
      }
    }
  }
  return {1 - whole.tissue / std::max(whole.pixels, 1.0), deviation_of(densities),
          mean_colour(tissue_pixels({&tile, 1})), whole.nuclei / std::max(whole.tissue, 1.0)};
}

ReferenceAims average_of(const std::vector<std::vector<ReferenceCriteria>>& slides) {
  ReferenceAims aims;
  double counted = 0;
  for (const std::vector<ReferenceCriteria>& tiles : slides) {
    if (tiles.empty()) continue;
    ++counted;
    const auto n = static_cast<double>(tiles.size());
    for (const ReferenceCriteria& tile : tiles) {
      for (std::size_t c = 0; c < 3; ++c) aims.lab[c] += tile.lab[c] / n;
      aims.nuclei += tile.nuclei / n;
    }
  }
  counted = std::max(counted, 1.0);
  for (double& value : aims.lab) value /= counted;
  aims.nuclei /= counted;
  return aims;
}

std::vector<double> score_references(const std::vector<ReferenceCriteria>& tiles,
                                     const ReferenceAims& aims) {
  std::vector<double> scores(tiles.size());
  const auto rank_by = [&](const auto& fault_of) {
    std::vector<double> faults;
    for (const ReferenceCriteria& tile : tiles) faults.push_back(fault_of(tile));
    add_ranks(faults, scores);
  };
  rank_by([](const ReferenceCriteria& tile) { return tile.white; });
  rank_by([](const ReferenceCriteria& tile) { return -tile.variety; });
  rank_by([&](const ReferenceCriteria& tile) { return distance(tile.lab, aims.lab); });
  rank_by([&](const ReferenceCriteria& tile) { return std::abs(tile.nuclei - aims.nuclei); });
  return scores;
}

}  // namespace clippath
