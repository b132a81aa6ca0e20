// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "clippath/tissue.h"

namespace clippath {
namespace {

// A level up to this much coarser than wanted serves: reading the next finer one costs 16 times
// more.
constexpr double kMostCoarser = 11.5 / 8;
constexpr std::int64_t kMostThumbnailSide = 4096;
// A slide of unknown scale is taken for one of 20x; the mask is only a first sieve.
constexpr double kUsualMpp = 0.5;
// Side of the blocks that the thumbnail is read in.
constexpr int kBlockPx = 1024;
// Side, on the level, of the least that damage costs: files are compressed in pieces of 240 to 512
// px, and much smaller blocks would all fail with theirs, each perhaps with a decoder that dies.
constexpr int kLeastLevelPx = 128;
// A slide with more damage than this is not searched for its last readable spot.
constexpr int kMostFailures = 64;

/// How a thumbnail is read: means over `factor` x `factor` pixels of a level.
struct ThumbnailPlan {
  int level = 0;
  int factor = 1;
  double level0_per_px = 1;  ///< of a pixel of the thumbnail
};

double downsample_of(const SlideInfo& slide, int level) {
  return slide.levels[static_cast<std::size_t>(level)].downsample;
}

/// @param factor  at least; more where the level is too large for a thumbnail.
ThumbnailPlan plan_level(const SlideInfo& slide, int level, double factor) {
  const double downsample = downsample_of(slide, level);
  const auto longer = static_cast<double>(std::max(slide.bounds.width, slide.bounds.height));
  const double for_side = std::ceil(longer / downsample / static_cast<double>(kMostThumbnailSide));
  const int boxes = static_cast<int>(std::max({1.0, factor, for_side}));
  return {level, boxes, downsample * boxes};
}

ThumbnailPlan plan_thumbnail(const SlideInfo& slide, double mpp0, double mpp) {
  int level = 0;
  for (std::size_t i = 0; i < slide.levels.size(); ++i) {
    if (slide.levels[i].downsample * mpp0 <= kMostCoarser * mpp) level = static_cast<int>(i);
  }
  return plan_level(slide, level, std::round(mpp / (mpp0 * downsample_of(slide, level))));
}

int thumbnail_side(std::int64_t level0_side, double level0_per_px) {
  return std::max(
      1, static_cast<int>(std::ceil(static_cast<double>(level0_side) / level0_per_px - 1e-9)));
}

/// Reads a thumbnail block by block. What cannot be read stays black, which counts as tissue: its
/// tiles are then judged one by one. One thread at a time.
class ThumbnailReader {
 public:
  ThumbnailReader(const SlideReader& slide, ThumbnailPlan plan) : slide_(slide), plan_(plan) {
    const Level0Rect& bounds = slide.info().bounds;
    thumbnail_ = RgbImage::filled(thumbnail_side(bounds.width, plan.level0_per_px),
                                  thumbnail_side(bounds.height, plan.level0_per_px), 0, 0, 0);
  }

  Result<RgbImage> read_all() {
    for (int y = 0; y < thumbnail_.height; y += kBlockPx) {
      for (int x = 0; x < thumbnail_.width; x += kBlockPx) read_block(x, y, kBlockPx);
    }
    if (!any_read_) return fail(first_error_->within("no part of the thumbnail can be read"));
    return std::move(thumbnail_);
  }

  /// What the thumbnail shows, a fraction of a pixel beyond the bounds included.
  [[nodiscard]] Level0Rect covered() const {
    const Level0Rect& bounds = slide_.info().bounds;
    return {bounds.x, bounds.y, level0(thumbnail_.width), level0(thumbnail_.height)};
  }

 private:
  [[nodiscard]] std::int64_t level0(int px) const { return std::llround(px * plan_.level0_per_px); }

  /// A block that fails is read again in quarters, so that damage costs little more than itself.
  void read_block(int left, int top, int side) {
    const int width = std::min(side, thumbnail_.width - left);
    const int height = std::min(side, thumbnail_.height - top);
    if (width < 1 || height < 1) return;
    const Level0Rect& bounds = slide_.info().bounds;
    const PixelSize size{std::int64_t{width} * plan_.factor, std::int64_t{height} * plan_.factor};
    const Result<RgbImage> block = read_reduced(
        slide_, {bounds.x + level0(left), bounds.y + level0(top)}, plan_.level, size, plan_.factor);
    if (block) {
      any_read_ = true;
      for (int y = 0; y < height; ++y) {
        std::copy_n(block->row(y), std::ptrdiff_t{width} * 3,
                    thumbnail_.row(top + y) + std::ptrdiff_t{left} * 3);
      }
      return;
    }
    if (!first_error_) first_error_ = block.error();
    if (++failures_ > kMostFailures || side * plan_.factor <= kLeastLevelPx) return;
    const int half = side / 2;
    read_block(left, top, half);
    read_block(left + half, top, half);
    read_block(left, top + half, half);
    read_block(left + half, top + half, half);
  }

  const SlideReader& slide_;
  const ThumbnailPlan plan_;
  RgbImage thumbnail_;
  bool any_read_ = false;
  int failures_ = 0;
  std::optional<Error> first_error_;
};

Result<Thumbnail> read_planned(const SlideReader& slide, const ThumbnailPlan& plan) {
  ThumbnailReader reader(slide, plan);
  CLIPPATH_TRY(RgbImage picture, reader.read_all());
  return Thumbnail{std::move(picture), reader.covered()};
}

}  // namespace

Result<Thumbnail> read_thumbnail(const SlideReader& slide, const std::optional<SlideScale>& scale,
                                 double mpp) {
  return read_planned(slide,
                      plan_thumbnail(slide.info(), scale ? scale->mpp.value : kUsualMpp, mpp));
}

Result<Thumbnail> read_level_thumbnail(const SlideReader& slide, int level) {
  return read_planned(slide, plan_level(slide.info(), level, 1));
}

}  // namespace clippath
