// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "clippath/core/pictures.h"
#include "clippath/stain.h"

namespace clippath::cli {

/// A profile that `stain fit` wrote. Fails: as read_text_file and parse_stain_profile;
/// kInvalidArgument if it is of another method than `wanted`; each names the path.
Result<StainProfile> read_stain_profile(const std::filesystem::path& path,
                                        std::optional<StainMethod> wanted);

/// What a reference says: a saved profile (.json), or the one of a picture, by `method` or
/// Vahadane. Fails: as read_stain_profile, read_picture and fit_stain.
Result<StainProfile> read_stain_target(const std::filesystem::path& path,
                                       std::optional<StainMethod> method,
                                       const PictureDecoder& decode);

}  // namespace clippath::cli
