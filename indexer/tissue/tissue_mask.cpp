// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "clippath/core/check.h"
#include "clippath/tissue.h"

namespace clippath {
namespace {

constexpr double kThumbnailMpp = 8;
// A level up to this much coarser than 8 um serves: reading the next finer one costs 16 times more.
constexpr double kMostThumbnailMpp = 11.5;
constexpr std::int64_t kMostThumbnailSide = 4096;
constexpr int kThresholdSlack = 25;
// A slide of unknown scale is taken for one of 20x; the mask is only a first sieve.
constexpr double kUsualMpp = 0.5;
// Sides of the blocks that the thumbnail is read in, and of the least that damage costs.
constexpr int kBlockPx = 1024;
constexpr int kLeastBlockPx = 16;
// A slide with more damage than this is not searched for its last readable spot.
constexpr int kMostFailures = 64;

std::vector<std::int64_t> histogram_of(const std::vector<std::uint8_t>& gray) {
  std::vector<std::int64_t> histogram(256);
  for (const std::uint8_t value : gray) ++histogram[value];
  return histogram;
}

std::vector<std::uint8_t> gray_pixels(const RgbImage& image) {
  std::vector<std::uint8_t> gray(image.pixels.size() / 3);
  const std::uint8_t* pixel = image.pixels.data();
  for (std::uint8_t& value : gray) {
    value = gray_of(pixel[0], pixel[1], pixel[2]);
    pixel += 3;
  }
  return gray;
}

/// How a thumbnail is read: means over `factor` x `factor` pixels of a level.
struct ThumbnailPlan {
  int level = 0;
  int factor = 1;
  double level0_per_px = 1;  ///< of a pixel of the thumbnail
};

ThumbnailPlan plan_thumbnail(const SlideInfo& slide, double mpp0) {
  ThumbnailPlan plan;
  for (std::size_t i = 0; i < slide.levels.size(); ++i) {
    if (slide.levels[i].downsample * mpp0 <= kMostThumbnailMpp) plan.level = static_cast<int>(i);
  }
  const double downsample = slide.levels[static_cast<std::size_t>(plan.level)].downsample;
  const auto longer = static_cast<double>(std::max(slide.bounds.width, slide.bounds.height));
  const double for_scale = std::round(kThumbnailMpp / (mpp0 * downsample));
  const double for_side = std::ceil(longer / downsample / static_cast<double>(kMostThumbnailSide));
  plan.factor = static_cast<int>(std::max({1.0, for_scale, for_side}));
  plan.level0_per_px = downsample * plan.factor;
  return plan;
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
    if (++failures_ > kMostFailures || side <= kLeastBlockPx) return;
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

/// Share of a rectangle that lies within another, in [0, 1].
double share_within(const Level0Rect& rect, const Level0Rect& other) {
  const auto overlap = [](std::int64_t a, std::int64_t a_length, std::int64_t b,
                          std::int64_t b_length) {
    const std::int64_t length = std::min(a + a_length, b + b_length) - std::max(a, b);
    return static_cast<double>(std::max<std::int64_t>(length, 0)) / static_cast<double>(a_length);
  };
  return overlap(rect.x, rect.width, other.x, other.width) *
         overlap(rect.y, rect.height, other.y, other.height);
}

}  // namespace

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::kBackground: return "background";
    case DropReason::kWhite: return "white";
    case DropReason::kReadError: return "read_error";
    case DropReason::kAttention: return "attention";
    case DropReason::kOutsideRegions: return "outside_roi";
    case DropReason::kExcluded: return "excluded";
  }
  return "read_error";
}

TissueMask TissueMask::from_thumbnail(const RgbImage& thumbnail, const Level0Rect& covered,
                                      const TissueRule& rule) {
  CLIPPATH_CHECK(!thumbnail.empty() && covered.width > 0 && covered.height > 0);
  const std::vector<std::uint8_t> gray = gray_pixels(thumbnail);
  const int least = rule.white_threshold - kThresholdSlack;
  const std::optional<int> otsu = otsu_threshold(histogram_of(gray));

  TissueMask mask;
  mask.covered_ = covered;
  mask.width_ = thumbnail.width;
  mask.height_ = thumbnail.height;
  // One single gray has no threshold of its own: white_threshold itself tells background.
  mask.threshold_ = std::clamp(otsu.value_or(rule.white_threshold), least, rule.white_threshold);

  const auto stride = static_cast<std::size_t>(mask.width_) + 1;
  mask.integral_.assign(stride * (static_cast<std::size_t>(mask.height_) + 1), 0);
  for (std::size_t y = 0; y < static_cast<std::size_t>(mask.height_); ++y) {
    std::int64_t row_sum = 0;
    for (std::size_t x = 0; x + 1 < stride; ++x) {
      row_sum += gray[y * (stride - 1) + x] <= mask.threshold_ ? 1 : 0;
      mask.integral_[(y + 1) * stride + x + 1] = mask.integral_[y * stride + x + 1] + row_sum;
    }
  }
  return mask;
}

double TissueMask::tissue_fraction(const Level0Rect& rect) const {
  // The pixels of the mask between two level-0 coordinates; never none within the mask.
  const auto span = [](std::int64_t from, std::int64_t length, std::int64_t covered, int pixels) {
    const double scale = static_cast<double>(pixels) / static_cast<double>(covered);
    const auto begin =
        std::clamp<std::int64_t>(std::llround(static_cast<double>(from) * scale), 0, pixels);
    const auto end =
        std::clamp<std::int64_t>(std::max(std::llround(static_cast<double>(from + length) * scale),
                                          static_cast<long long>(begin) + 1),
                                 0, pixels);
    return std::pair(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
  };
  const auto [left, right] = span(rect.x - covered_.x, rect.width, covered_.width, width_);
  const auto [top, bottom] = span(rect.y - covered_.y, rect.height, covered_.height, height_);
  if (right <= left || bottom <= top) return 0;
  const auto stride = static_cast<std::size_t>(width_) + 1;
  const auto at = [&](std::size_t x, std::size_t y) { return integral_[y * stride + x]; };
  const std::int64_t tissue = at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
  return static_cast<double>(tissue) / static_cast<double>((right - left) * (bottom - top)) *
         share_within(rect, covered_);
}

Result<TissueMask> make_tissue_mask(const SlideReader& slide,
                                    const std::optional<SlideScale>& scale,
                                    const TissueRule& rule) {
  ThumbnailReader reader(slide, plan_thumbnail(slide.info(), scale ? scale->mpp.value : kUsualMpp));
  CLIPPATH_TRY(const RgbImage thumbnail, reader.read_all());
  return TissueMask::from_thumbnail(thumbnail, reader.covered(), rule);
}

}  // namespace clippath
