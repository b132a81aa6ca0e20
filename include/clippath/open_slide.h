// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/result.h"
#include "clippath/slide.h"

namespace clippath {

/// Opens a slide file with OpenSlide, in this process. Others than clippath-worker go through
/// DecodeWorkers: a damaged file may end the process that reads it.
/// Fails: kNotFound if it is not there or may not be read; kUnsupported if OpenSlide knows no such
/// format; kCorruption if it is damaged, or its tags are absurd (more than 16 levels, sides over
/// 2^18, levels that do not shrink).
Result<std::shared_ptr<const SlideReader>> open_slide(const std::filesystem::path& path);

/// Version of OpenSlide, as it states it.
std::string slide_library_version();

}  // namespace clippath
