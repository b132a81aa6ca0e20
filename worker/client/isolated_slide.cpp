// SPDX-License-Identifier: Apache-2.0
#include "worker/client/isolated_slide.h"

#include <string>
#include <utility>

#include "worker/client/worker_host.h"

namespace clippath::worker {
namespace {

class IsolatedSlide final : public SlideReader {
 public:
  IsolatedSlide(std::unique_ptr<WorkerHost> host, SlideInfo info, std::string name)
      : host_(std::move(host)), info_(std::move(info)), name_(std::move(name)) {}

  [[nodiscard]] const SlideInfo& info() const override { return info_; }

  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level,
                                      PixelSize size) const override {
    auto image = ask({MessageKind::kReadRegion, to_json(Region{origin, level, size})});
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
  [[nodiscard]] Result<RgbImage> ask(const Request& request) const {
    CLIPPATH_TRY(Message answer, host_->call(request));
    return picture_from(std::move(answer));
  }

  const std::unique_ptr<WorkerHost> host_;
  const SlideInfo info_;
  const std::string name_;
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
