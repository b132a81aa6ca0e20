// SPDX-License-Identifier: Apache-2.0
#include "cli/decoders.h"

#include <algorithm>

namespace clippath::cli {
namespace {

constexpr int kMostLanes = 64;

}  // namespace

Result<Decoders> make_decoders(int lanes) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(ErrorKind::kInternal, "/proc/self/exe: " + error.message());
  Decoders decoders;
  CLIPPATH_TRY(decoders.workers, DecodeWorkers::make(self.parent_path() / "clippath-worker",
                                                     std::clamp(lanes, 1, kMostLanes)));
  decoders.open_slide = [workers = decoders.workers](const std::filesystem::path& path) {
    return workers->open_slide(path);
  };
  decoders.decode_picture = [workers = decoders.workers](std::span<const std::uint8_t> bytes,
                                                         const PictureLimits& limits) {
    return workers->decode_picture(bytes, limits);
  };
  decoders.read_features = [workers = decoders.workers](const std::filesystem::path& path) {
    return workers->read_features(path);
  };
  return decoders;
}

}  // namespace clippath::cli
