// SPDX-License-Identifier: Apache-2.0
#include <openslide/openslide.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "clippath/core/mutex.h"
#include "clippath/open_slide.h"
#include "indexer/slide/openslide/premultiplied.h"
#include "indexer/slide/openslide/slide_scale.h"

namespace clippath {
namespace {

using Handle = std::shared_ptr<openslide_t>;
using Rgb = std::array<std::uint8_t, 3>;

constexpr int kMaxLevels = 16;
constexpr std::int64_t kMaxSide = std::int64_t{1} << 18;
constexpr std::int64_t kMostColour = 0xFFFFFF;
// Cairo, which OpenSlide draws with, takes a shift below this for none.
constexpr double kNoShift = 1.0 / 512;

std::string quoted(const std::filesystem::path& path) { return "slide '" + path.string() + "'"; }

Result<Handle> open_handle(const std::filesystem::path& path) {
  Handle handle(openslide_open(path.c_str()), [](openslide_t* slide) {
    if (slide != nullptr) openslide_close(slide);
  });
  if (!handle) {
    return fail(ErrorKind::kUnsupported,
                quoted(path) + ": no slide format that OpenSlide reads, or its header is damaged");
  }
  if (const char* error = openslide_get_error(handle.get())) {
    return fail(ErrorKind::kCorruption, quoted(path) + " cannot be opened: " + error);
  }
  return handle;
}

std::optional<std::string> property_of(openslide_t* slide, const std::string& name) {
  const char* value = openslide_get_property_value(slide, name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<std::int64_t> integer_property(openslide_t* slide, const std::string& name,
                                             int base = 10) {
  const std::optional<std::string> text = property_of(slide, name);
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value, base);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

Rgb background_of(openslide_t* slide) {
  const auto colour = integer_property(slide, OPENSLIDE_PROPERTY_NAME_BACKGROUND_COLOR, 16);
  if (!colour || *colour < 0 || *colour > kMostColour) return {255, 255, 255};
  return {static_cast<std::uint8_t>(*colour >> 16), static_cast<std::uint8_t>(*colour >> 8),
          static_cast<std::uint8_t>(*colour)};
}

/// The scanner's bounds, cut to level 0; the whole level 0 where they are absent or absurd.
Level0Rect bounds_of(openslide_t* slide, PixelSize level0) {
  const Level0Rect whole{0, 0, level0.width, level0.height};
  const auto x = integer_property(slide, OPENSLIDE_PROPERTY_NAME_BOUNDS_X);
  const auto y = integer_property(slide, OPENSLIDE_PROPERTY_NAME_BOUNDS_Y);
  const auto width = integer_property(slide, OPENSLIDE_PROPERTY_NAME_BOUNDS_WIDTH);
  const auto height = integer_property(slide, OPENSLIDE_PROPERTY_NAME_BOUNDS_HEIGHT);
  if (!x || !y || !width || !height) return whole;
  if (*x < 0 || *y < 0 || *x >= level0.width || *y >= level0.height || *width < 1 || *height < 1) {
    return whole;
  }
  return {*x, *y, std::min(*width, level0.width - *x), std::min(*height, level0.height - *y)};
}

/// A level-0 coordinate moved by at most half a pixel of the level to where such a pixel begins.
/// Between pixels OpenSlide interpolates, which blurs and takes three times as long. Where the
/// downsample is no whole number the beginning is no whole coordinate: it stays as it is.
std::int64_t snapped(std::int64_t level0, double downsample) {
  const double pixel = std::round(static_cast<double>(level0) / downsample);
  const std::int64_t begin = std::llround(pixel * downsample);
  return std::abs(static_cast<double>(begin) / downsample - pixel) < kNoShift ? begin : level0;
}

/// Tags are trusted by no one: absurd ones would end as absurd allocations.
Result<std::vector<SlideLevel>> levels_of(openslide_t* slide, const std::string& name) {
  const int count = openslide_get_level_count(slide);
  if (count < 1 || count > kMaxLevels) {
    return fail(ErrorKind::kCorruption, name + " states " + std::to_string(count) +
                                            " pyramid levels; 1.." + std::to_string(kMaxLevels) +
                                            " are possible");
  }
  std::vector<SlideLevel> levels;
  for (int i = 0; i < count; ++i) {
    PixelSize size;
    openslide_get_level_dimensions(slide, i, &size.width, &size.height);
    const std::string level = name + ": level " + std::to_string(i) + " is " +
                              std::to_string(size.width) + " x " + std::to_string(size.height);
    if (size.width < 1 || size.height < 1 || size.width > kMaxSide || size.height > kMaxSide) {
      return fail(ErrorKind::kCorruption,
                  level + " px; sides of 1.." + std::to_string(kMaxSide) + " are possible");
    }
    if (!levels.empty()) {
      const PixelSize finer = levels.back().size;
      const bool grows = size.width > finer.width || size.height > finer.height;
      if (grows || size == finer) {
        return fail(ErrorKind::kCorruption, level + " px, not smaller than the level before it");
      }
    }
    const PixelSize finest = levels.empty() ? size : levels.front().size;
    const double across = static_cast<double>(finest.width) / static_cast<double>(size.width);
    const double down = static_cast<double>(finest.height) / static_cast<double>(size.height);
    levels.push_back({size, (across + down) / 2});
  }
  return levels;
}

Result<SlideInfo> describe(openslide_t* slide, const std::string& name) {
  SlideInfo info;
  CLIPPATH_TRY(info.levels, levels_of(slide, name));
  const PixelSize level0 = info.levels.front().size;
  const PropertyLookup property = [slide](const std::string& key) {
    return property_of(slide, key);
  };
  info.vendor = property(OPENSLIDE_PROPERTY_NAME_VENDOR).value_or("");
  info.bounds = bounds_of(slide, level0);
  info.scale = find_scale(property, level0, info.warnings);
  info.objective = number_property(property, OPENSLIDE_PROPERTY_NAME_OBJECTIVE_POWER);
  return info;
}

/// Invariant: a handle in which a read has failed is never used again, because OpenSlide answers
/// nothing more on it.
class OpenSlideReader : public SlideReader {
 public:
  OpenSlideReader(std::filesystem::path path, Handle handle, SlideInfo info)
      : path_(std::move(path)),
        info_(std::move(info)),
        background_(background_of(handle.get())),
        handle_(std::move(handle)) {}

  [[nodiscard]] const SlideInfo& info() const override { return info_; }

  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level,
                                      PixelSize size) const override {
    CLIPPATH_TRY_VOID(check(level, size));
    const Handle shared = current();
    if (Result<RgbImage> image = read_with(shared, origin, level, size)) return image;
    // Whether this read failed or one beside it on the same handle cannot be told: a handle of its
    // own decides, so that a good region is never blamed for a bad neighbour.
    CLIPPATH_TRY(Handle own, open_handle(path_));
    Result<RgbImage> image = read_with(own, origin, level, size);
    if (image) {
      replace(shared, std::move(own));
    } else {
      CLIPPATH_TRY(Handle fresh, open_handle(path_));
      replace(shared, std::move(fresh));
    }
    return image;
  }

 private:
  [[nodiscard]] Result<void> check(int level, PixelSize size) const {
    if (level < 0 || level >= static_cast<int>(info_.levels.size())) {
      return fail(ErrorKind::kInvalidArgument, quoted(path_) + " has levels 0.." +
                                                   std::to_string(info_.levels.size() - 1) +
                                                   ", asked for " + std::to_string(level));
    }
    const auto possible = [](std::int64_t side) { return side >= 1 && side <= kMostReadSide; };
    if (!possible(size.width) || !possible(size.height)) {
      return fail(ErrorKind::kInvalidArgument,
                  "a side of a region must be 1.." + std::to_string(kMostReadSide) + " px, is " +
                      std::to_string(size.width) + " x " + std::to_string(size.height));
    }
    return {};
  }

  [[nodiscard]] Result<RgbImage> read_with(const Handle& handle, Level0Point origin, int level,
                                           PixelSize size) const {
    std::vector<std::uint32_t> argb(static_cast<std::size_t>(size.width * size.height));
    const double downsample = openslide_get_level_downsample(handle.get(), level);
    openslide_read_region(handle.get(), argb.data(), snapped(origin.x, downsample),
                          snapped(origin.y, downsample), level, size.width, size.height);
    if (const char* error = openslide_get_error(handle.get())) {
      return fail(ErrorKind::kCorruption, quoted(path_) + ": level " + std::to_string(level) +
                                              " at (" + std::to_string(origin.x) + ", " +
                                              std::to_string(origin.y) + "): " + error);
    }
    return over_background(argb, static_cast<int>(size.width), static_cast<int>(size.height),
                           background_);
  }

  [[nodiscard]] Handle current() const {
    MutexLock lock(mutex_);
    return handle_;
  }

  void replace(const Handle& failed, Handle fresh) const {
    MutexLock lock(mutex_);
    if (handle_ == failed) handle_ = std::move(fresh);
  }

  // Constant after construction.
  const std::filesystem::path path_;
  const SlideInfo info_;
  const Rgb background_;
  // Guarded by mutex_; OpenSlide itself reads one handle from several threads.
  mutable Mutex mutex_;
  mutable Handle handle_ CLIPPATH_GUARDED_BY(mutex_);
};

}  // namespace

Result<std::shared_ptr<const SlideReader>> open_slide(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return fail(ErrorKind::kNotFound, quoted(path) + " does not exist or may not be read");
  }
  if (!std::filesystem::is_regular_file(status)) {
    return fail(ErrorKind::kUnsupported, quoted(path) + " is not a file");
  }
  // OpenSlide does not tell a file that it may not read from a format that it does not know.
  if (!std::ifstream(path)) {
    return fail(ErrorKind::kNotFound, quoted(path) + " may not be read: " + std::strerror(errno));
  }
  CLIPPATH_TRY(Handle handle, open_handle(path));
  CLIPPATH_TRY(SlideInfo info, describe(handle.get(), quoted(path)));
  return std::make_shared<const OpenSlideReader>(path, std::move(handle), std::move(info));
}

std::string slide_library_version() { return openslide_get_version(); }

}  // namespace clippath
