// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "clippath/core/pictures.h"
#include "clippath/open_slide.h"
#include "worker/program/lane.h"
#include "worker/program/roles.h"
#include "worker/program/sandbox.h"

namespace clippath::worker {
namespace {

// 100 megapixels as RGBA and RGB take 700 MB, and each lane's shared memory 300 MB of addresses.
constexpr std::uint64_t kBytesALane = std::uint64_t{1} << 30;
constexpr int kCpuSeconds = 20;

Result<Answer> decode(const Message& request) {
  CLIPPATH_TRY(const PictureLimits limits, picture_limits_from(request.body));
  CLIPPATH_TRY(RgbImage picture, decode_picture(request.payload, limits));
  return answer_of(std::move(picture));
}

Answer report_sandbox() {
  const SandboxTrial trial = try_sandbox();
  return {{{"slide_library", slide_library_version()},
           {"refused", trial.refused},
           {"allowed", trial.allowed}},
          {}};
}

}  // namespace

Result<void> run_picture_role(std::vector<Channel>& lanes) {
  const ResourceLimits limits{kBytesALane * (lanes.size() + 1),
                              kCpuSeconds * static_cast<int>(lanes.size())};
  CLIPPATH_TRY_VOID(limit_resources(limits));
  CLIPPATH_TRY_VOID(enter_sandbox({}));
  serve_all(lanes, [&limits](const Message& request) -> Result<Answer> {
    limit_request(limits);
    if (request.kind == MessageKind::kDecodePicture) return decode(request);
    if (request.kind == MessageKind::kTrySandbox) return report_sandbox();
    return fail(ErrorKind::kInvalidArgument, "a picture worker opens no slides");
  });
  return {};
}

}  // namespace clippath::worker
