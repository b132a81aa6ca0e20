// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/feature_file.h"
#include "clippath/slide.h"

namespace clippath {

/// What a worker found when it tried to leave its own sandbox.
struct SandboxReport {
  std::string slide_library;         ///< version of OpenSlide
  std::vector<std::string> refused;  ///< what it may not do: "network", "writing", "programs", ...
  std::vector<std::string> allowed;  ///< what it should not be able to do, and could
};

/// Decodes foreign files in `clippath-worker` processes, which have no network, no writing, no
/// programs and limited memory and time: a slide that crashes its decoder costs one tile, never
/// this process (docs/decisions/0009-decode-workers.md).
///
/// Each open slide has a process of its own, pictures share one. Processes start when they are
/// first needed and end with this object and the slides it opened, or when this process dies.
/// Thread-safe.
class DecodeWorkers {
 public:
  /// @param program  the clippath-worker executable.
  /// @param lanes    how many requests a process works on beside each other, 1..64.
  /// Fails: kNotFound if the program is missing.
  static Result<std::shared_ptr<const DecodeWorkers>> make(const std::filesystem::path& program,
                                                           int lanes);
  virtual ~DecodeWorkers() = default;

  /// As SlideOpener. A region whose decoder dies is tried once more, alone; kCorruption tells how
  /// it died, then and for every region that holds it. After a hundred deaths, or three regions
  /// that took their 60 seconds, every read of the slide fails.
  [[nodiscard]] virtual Result<std::shared_ptr<const SlideReader>> open_slide(
      const std::filesystem::path& path) const = 0;

  /// As PictureDecoder: fails as clippath::decode_picture, and with kInvalidArgument when the
  /// decoder died of it or took more than 20 seconds.
  [[nodiscard]] virtual Result<RgbImage> decode_picture(std::span<const std::uint8_t> bytes,
                                                        const PictureLimits& limits) const = 0;

  /// As FeatureReader: fails as clippath::read_feature_file, and with kCorruption when the reader
  /// died of the file or took more than 60 seconds. Each file has a process of its own.
  [[nodiscard]] virtual Result<FeatureFile> read_features(
      const std::filesystem::path& path) const = 0;

  /// Starts a worker that tries what it must not be able to do.
  [[nodiscard]] virtual Result<SandboxReport> try_sandbox() const = 0;
};

}  // namespace clippath
