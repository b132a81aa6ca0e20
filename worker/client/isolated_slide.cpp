// SPDX-License-Identifier: Apache-2.0
#include "worker/client/isolated_slide.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clippath/core/mutex.h"
#include "worker/client/worker_host.h"

namespace clippath::worker {
namespace {

bool holds(const Region& outer, const Region& inner, double downsample) {
  const auto spans = [downsample](std::int64_t begin, std::int64_t px, std::int64_t inner_begin,
                                  std::int64_t inner_px) {
    return begin <= inner_begin && static_cast<double>(inner_begin - begin) <=
                                       static_cast<double>(px - inner_px) * downsample;
  };
  return outer.level == inner.level &&
         spans(outer.origin.x, outer.size.width, inner.origin.x, inner.size.width) &&
         spans(outer.origin.y, outer.size.height, inner.origin.y, inner.size.height);
}

/// The regions that ended their decoder: one that holds such a region whole would do so, too. At
/// most WorkerHost::kMostDeaths of them. Thread-safe.
class CulpritRegions {
 public:
  void add(const Region& region, const Error& error) {
    MutexLock lock(mutex_);
    culprits_.emplace_back(region, error);
  }

  /// What a culprit within this region did.
  [[nodiscard]] std::optional<Error> find_within(const Region& region, double downsample) const {
    MutexLock lock(mutex_);
    for (const auto& [culprit, error] : culprits_) {
      if (holds(region, culprit, downsample)) return error;
    }
    return std::nullopt;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::pair<Region, Error>> culprits_ CLIPPATH_GUARDED_BY(mutex_);
};

class IsolatedSlide final : public SlideReader {
 public:
  IsolatedSlide(std::unique_ptr<WorkerHost> host, SlideInfo info, std::string name)
      : host_(std::move(host)), info_(std::move(info)), name_(std::move(name)) {}

  [[nodiscard]] const SlideInfo& info() const override { return info_; }

  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level,
                                      PixelSize size) const override {
    auto image = ask({origin, level, size});
    if (!image) {
      const std::string place = ": level " + std::to_string(level) + " at (" +
                                std::to_string(origin.x) + ", " + std::to_string(origin.y) + ")";
      return fail(within_file(image.error(), name_, place));
    }
    if (image->width != size.width || image->height != size.height) {
      return fail(ErrorKind::kCorruption, name_ + ": its decoder answered with another region");
    }
    return image;
  }

 private:
  [[nodiscard]] Result<RgbImage> ask(const Region& region) const {
    if (auto known = culprits_.find_within(region, downsample_of(region.level))) {
      return fail(std::move(*known));
    }
    auto answer = host_->call({MessageKind::kReadRegion, to_json(region)});
    if (answer) return picture_from(std::move(*answer));
    Error error = std::move(answer.error());
    if (is_culprit(error)) {
      error.code.clear();
      culprits_.add(region, error);
    }
    return fail(std::move(error));
  }

  /// Of a level that does not exist, 1: its decoder refuses it.
  [[nodiscard]] double downsample_of(int level) const {
    const auto i = static_cast<std::size_t>(level);
    return level >= 0 && i < info_.levels.size() ? info_.levels[i].downsample : 1;
  }

  const std::unique_ptr<WorkerHost> host_;
  const SlideInfo info_;
  const std::string name_;
  mutable CulpritRegions culprits_;
};

}  // namespace

Result<std::shared_ptr<const SlideReader>> open_isolated_slide(const WorkerSpec& spec,
                                                               const std::filesystem::path& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  const std::string name = "slide '" + absolute.string() + "'";
  WorkerHost::Rules rules;
  rules.greeting = Request{MessageKind::kOpenSlide, path_body(absolute)};
  rules.gives_up = true;
  auto host = std::make_unique<WorkerHost>(spec, std::move(rules));
  auto answer = host->greet();
  if (!answer) return fail(within_file(answer.error(), name));
  auto info = slide_info_from(answer->body);
  if (!info) return fail(ErrorKind::kCorruption, name + ": " + info.error().message);
  return std::make_shared<const IsolatedSlide>(std::move(host), std::move(*info), name);
}

Result<RgbImage> picture_from(Message answer) {
  auto size = pixel_size_from(answer.body);
  RgbImage image;
  if (size) {
    image.width = static_cast<int>(size->width);
    image.height = static_cast<int>(size->height);
  }
  if (!size || image.size_bytes() != answer.payload.size()) {
    return fail(ErrorKind::kCorruption, "its decoder answered with no picture");
  }
  image.pixels = std::move(answer.payload);
  return image;
}

}  // namespace clippath::worker
