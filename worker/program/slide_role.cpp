// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <utility>

#include "clippath/open_slide.h"
#include "worker/program/lane.h"
#include "worker/program/roles.h"
#include "worker/program/sandbox.h"

namespace clippath::worker {
namespace {

constexpr std::uint64_t kBytes = std::uint64_t{4} << 30;
// Beside it the lanes' own: 192 MiB of shared memory, a stack, and the C library's arena of a
// thread (64 MiB, for a moment twice that).
constexpr std::uint64_t kBytesALane = std::uint64_t{384} << 20;
constexpr int kCpuSeconds = 60;

/// The sandbox is closed before the first byte of the slide is read. Slides of several files have
/// all of them in the slide's folder, archives often links to it.
Result<Answer> open_in_sandbox(const Message& request, std::shared_ptr<const SlideReader>& slide) {
  if (request.kind != MessageKind::kOpenSlide) {
    return fail(ErrorKind::kInvalidArgument, "no slide is open");
  }
  CLIPPATH_TRY(const auto path, path_from(request.body));
  CLIPPATH_TRY_VOID(enter_sandbox(folders_of(path)));
  CLIPPATH_TRY(slide, open_slide(path));
  return Answer{to_json(slide->info()), {}};
}

Result<Answer> read_region_of(const SlideReader& slide, const Message& request) {
  if (request.kind != MessageKind::kReadRegion) {
    return fail(ErrorKind::kInvalidArgument, "a slide is open already");
  }
  CLIPPATH_TRY(const Region region, region_from(request.body));
  CLIPPATH_TRY(RgbImage picture, slide.read(region.origin, region.level, region.size));
  return answer_of(std::move(picture));
}

}  // namespace

Result<void> run_slide_role(std::vector<Channel>& lanes) {
  const ResourceLimits limits{kBytes + kBytesALane * lanes.size(),
                              kCpuSeconds * static_cast<int>(lanes.size())};
  CLIPPATH_TRY_VOID(limit_resources(limits));
  std::shared_ptr<const SlideReader> slide;
  serve_once(lanes.front(), [&limits, &slide](const Message& request) {
    limit_request(limits);
    return open_in_sandbox(request, slide);
  });
  if (slide == nullptr) return {};
  serve_all(lanes, [&limits, &slide](const Message& request) {
    limit_request(limits);
    return read_region_of(*slide, request);
  });
  return {};
}

}  // namespace clippath::worker
