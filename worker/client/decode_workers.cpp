// SPDX-License-Identifier: Apache-2.0
#include "clippath/decode_workers.h"

#include <utility>

#include "clippath/core/check.h"
#include "worker/client/isolated_features.h"
#include "worker/client/isolated_slide.h"
#include "worker/client/worker_host.h"

namespace clippath {
namespace {

using std::chrono_literals::operator""s;
using worker::MessageKind;
using worker::Request;
using worker::WorkerHost;
using worker::WorkerSpec;

// The largest region of SlideReader::read; untouched pages cost nothing.
constexpr std::size_t kRegionBytes = std::size_t{8192} * 8192 * 3;
// A picture of a user's own, of up to 100 megapixels (PictureLimits).
constexpr std::size_t kPictureBytes = std::size_t{100'000'000} * 3;
// Features of the greatest size, and their places.
constexpr std::size_t kFeaturesBytes =
    FeatureFileLimits{}.max_bytes + FeatureFileLimits{}.max_rows * sizeof(Level0Point);
constexpr std::size_t kReportBytes = 4096;
constexpr auto kRegionPatience = 60s;
constexpr auto kPicturePatience = 20s;
constexpr auto kFeaturesPatience = 60s;
constexpr int kPicturesAWorker = 1000;

WorkerHost::Rules picture_rules() {
  WorkerHost::Rules rules;
  rules.requests_a_worker = kPicturesAWorker;
  return rules;
}

class LocalDecodeWorkers final : public DecodeWorkers {
 public:
  LocalDecodeWorkers(std::filesystem::path program, int lanes)
      : slide_{program, "slide", lanes, kRegionBytes, kRegionPatience},
        features_{program, "features", 1, kFeaturesBytes, kFeaturesPatience},
        sandbox_{program, "picture", 1, kReportBytes, kPicturePatience},
        pictures_({program, "picture", lanes, kPictureBytes, kPicturePatience}, picture_rules()) {}

  [[nodiscard]] Result<std::shared_ptr<const SlideReader>> open_slide(
      const std::filesystem::path& path) const override {
    return worker::open_isolated_slide(slide_, path);
  }

  [[nodiscard]] Result<RgbImage> decode_picture(std::span<const std::uint8_t> bytes,
                                                const PictureLimits& limits) const override {
    auto answer = pictures_.call({MessageKind::kDecodePicture, worker::to_json(limits), bytes});
    Result<RgbImage> picture =
        answer ? worker::picture_from(std::move(*answer)) : fail(std::move(answer.error()));
    // Whatever a decoder dies of, it is the picture's fault.
    if (!picture && picture.error().kind == ErrorKind::kCorruption) {
      return fail(ErrorKind::kInvalidArgument, picture.error().message);
    }
    return picture;
  }

  [[nodiscard]] Result<FeatureFile> read_features(
      const std::filesystem::path& path) const override {
    return worker::read_isolated_features(features_, path);
  }

  [[nodiscard]] Result<SandboxReport> try_sandbox() const override {
    WorkerHost host(sandbox_, {});
    CLIPPATH_TRY(const auto answer, host.call(Request{MessageKind::kTrySandbox}));
    ObjectReader reader(answer.body, {});
    SandboxReport report;
    report.slide_library = reader.text("slide_library");
    report.refused = reader.optional_texts("refused", 16);
    report.allowed = reader.optional_texts("allowed", 16);
    CLIPPATH_TRY_VOID(reader.finish());
    return report;
  }

 private:
  const WorkerSpec slide_;
  const WorkerSpec features_;
  const WorkerSpec sandbox_;
  mutable WorkerHost pictures_;
};

}  // namespace

Result<std::shared_ptr<const DecodeWorkers>> DecodeWorkers::make(
    const std::filesystem::path& program, int lanes) {
  CLIPPATH_CHECK(lanes >= 1 && lanes <= 64);
  std::error_code error;
  if (!std::filesystem::is_regular_file(program, error)) {
    return fail(ErrorKind::kNotFound, "'" + program.string() +
                                          "' is missing: it decodes slides and pictures; install "
                                          "it beside clippath");
  }
  return std::make_shared<const LocalDecodeWorkers>(program, lanes);
}

}  // namespace clippath
