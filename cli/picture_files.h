// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/pictures.h"
#include "clippath/core/result.h"

namespace clippath::cli {

/// Pictures that belong together: of one folder, or those that were named one by one.
struct PictureGroup {
  std::filesystem::path folder;              ///< empty for pictures named one by one
  std::vector<std::filesystem::path> files;  ///< sorted by name
};

/// PNG and JPEG files of the inputs: every folder is a group (its own files, not those of folders
/// within it), all single files are one more.
/// Fails: kNotFound for an input that does not exist; kInvalidArgument for a folder without
/// pictures.
Result<std::vector<PictureGroup>> collect_pictures(
    const std::vector<std::filesystem::path>& inputs);

/// Reads and decodes one picture, of at most 100 megapixels. Fails: as read_file and `decode`,
/// naming the path.
Result<RgbImage> read_picture(const std::filesystem::path& path, const PictureDecoder& decode);

/// Reads the pictures of all groups, in order. Fails: as read_picture, at the first.
Result<std::vector<RgbImage>> read_pictures(const std::vector<PictureGroup>& groups,
                                            const PictureDecoder& decode);

}  // namespace clippath::cli
