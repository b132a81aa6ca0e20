// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "clippath/core/check.h"
#include "clippath/tissue.h"
#include "indexer/tissue/mask_pixels.h"

namespace clippath {
namespace {

MaskPixels mask_of(const Thumbnail& thumbnail, const TissueRule& rule) {
  const RgbImage& picture = thumbnail.picture;
  switch (rule.preset) {
    case TissuePreset::kClippath225: return luminance_mask(picture, rule.white_threshold);
    case TissuePreset::kSeed: return {1, 1, {1}};
    case TissuePreset::kClam:
    case TissuePreset::kClamTcga:
    case TissuePreset::kClamBiopsy:
    case TissuePreset::kClamResection:
      return clam_mask(picture, static_cast<double>(thumbnail.covered.width) / picture.width,
                       rule.preset);
    case TissuePreset::kPale: return pale_mask(picture);
  }
  return {1, 1, {1}};
}

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

TissueMask::TissueMask(const Thumbnail& thumbnail, const TissueRule& rule)
    : rule_(rule), covered_(thumbnail.covered) {
  CLIPPATH_CHECK(!thumbnail.picture.empty() && covered_.width > 0 && covered_.height > 0);
  MaskPixels mask = mask_of(thumbnail, rule);
  width_ = mask.width;
  height_ = mask.height;
  pixels_ = std::move(mask.pixels);

  const auto stride = static_cast<std::size_t>(width_) + 1;
  integral_.assign(stride * (static_cast<std::size_t>(height_) + 1), 0);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height_); ++y) {
    std::int64_t row_sum = 0;
    for (std::size_t x = 0; x + 1 < stride; ++x) {
      row_sum += pixels_[y * (stride - 1) + x] == kTissue ? 1 : 0;
      integral_[(y + 1) * stride + x + 1] = integral_[y * stride + x + 1] + row_sum;
    }
  }
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

std::uint8_t TissueMask::at(Level0Point point) const {
  const std::int64_t right = point.x - covered_.x;
  const std::int64_t down = point.y - covered_.y;
  if (right < 0 || right >= covered_.width || down < 0 || down >= covered_.height) return 0;
  const auto place = [](std::int64_t offset, std::int64_t covered, int pixels) {
    const double px = static_cast<double>(offset) * pixels / static_cast<double>(covered);
    return std::min(static_cast<int>(px), pixels - 1);
  };
  const int x = place(right, covered_.width, width_);
  const int y = place(down, covered_.height, height_);
  return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                 static_cast<std::size_t>(x)];
}

bool TissueMask::keeps(const Level0Rect& tile) const {
  if (tissue_fraction(tile) < rule_.min_tissue) return false;
  if (!is_clam(rule_.preset)) return true;
  const Level0Point centre{tile.x + tile.width / 2, tile.y + tile.height / 2};
  if (at(centre) == kHole) return false;
  const std::int64_t x = tile.width / 4;
  const std::int64_t y = tile.height / 4;
  const Level0Point points[] = {{centre.x - x, centre.y - y},
                                {centre.x + x, centre.y - y},
                                {centre.x - x, centre.y + y},
                                {centre.x + x, centre.y + y}};
  return std::any_of(std::begin(points), std::end(points),
                     [this](const Level0Point& point) { return at(point) != 0; });
}

Result<TissueMask> make_tissue_mask(const SlideReader& slide,
                                    const std::optional<SlideScale>& scale,
                                    const TissueRule& rule) {
  if (rule.preset == TissuePreset::kSeed) {  // every tile judges itself
    return TissueMask({RgbImage::filled(1, 1, 0, 0, 0), slide.info().bounds}, rule);
  }
  CLIPPATH_TRY(const Thumbnail thumbnail,
               is_clam(rule.preset) ? read_level_thumbnail(slide, clam_level(slide.info()))
                                    : read_thumbnail(slide, scale));
  return TissueMask(thumbnail, rule);
}

}  // namespace clippath
