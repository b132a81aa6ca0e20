// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "clippath/slide.h"
#include "worker/client/worker_process.h"

namespace clippath::worker {

/// Opens a slide in a worker of its own. Fails: as open_slide; kCorruption if the worker dies of
/// it.
Result<std::shared_ptr<const SlideReader>> open_isolated_slide(const WorkerSpec& spec,
                                                               const std::filesystem::path& path);

/// The picture that an answer carries. Fails: kCorruption if its bytes are not of its size.
Result<RgbImage> picture_from(Message answer);

}  // namespace clippath::worker
