// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_files.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "clippath/core/files.h"

namespace clippath::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxPictureBytes = std::uintmax_t{64} << 20U;
// A picture that a user names is their own, so it may be larger than an upload.
constexpr PictureLimits kPictureLimits{16'384, 100'000'000};

bool is_picture(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Result<PictureGroup> pictures_of(const fs::path& folder) {
  PictureGroup group{folder, {}};
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (!is_picture(entry->path()) || !entry->is_regular_file(error) || error) continue;
    group.files.push_back(entry->path());
  }
  if (error) {
    return fail(ErrorKind::kNotFound,
                "folder '" + folder.string() + "' cannot be read: " + error.message());
  }
  if (group.files.empty()) {
    return fail(ErrorKind::kInvalidArgument,
                "'" + folder.string() + "' holds no .png or .jpg file");
  }
  std::sort(group.files.begin(), group.files.end());
  return group;
}

}  // namespace

Result<std::vector<PictureGroup>> collect_pictures(const std::vector<fs::path>& inputs) {
  std::vector<PictureGroup> groups;
  PictureGroup single;
  for (const fs::path& input : inputs) {
    std::error_code error;
    if (!fs::exists(input, error)) {
      return fail(ErrorKind::kNotFound, "'" + input.string() + "' does not exist");
    }
    if (fs::is_directory(input, error)) {
      CLIPPATH_TRY(PictureGroup group, pictures_of(input));
      groups.push_back(std::move(group));
    } else {
      single.files.push_back(input);
    }
  }
  if (!single.files.empty()) groups.push_back(std::move(single));
  return groups;
}

Result<std::vector<RgbImage>> read_pictures(const std::vector<PictureGroup>& groups,
                                            const PictureDecoder& decode) {
  std::vector<RgbImage> pictures;
  for (const PictureGroup& group : groups) {
    for (const fs::path& file : group.files) {
      CLIPPATH_TRY(RgbImage picture, read_picture(file, decode));
      pictures.push_back(std::move(picture));
    }
  }
  return pictures;
}

Result<RgbImage> read_picture(const fs::path& path, const PictureDecoder& decode) {
  CLIPPATH_TRY(const auto bytes, read_file(path, kMaxPictureBytes));
  auto picture = decode(bytes, kPictureLimits);
  if (!picture) return fail(picture.error().within(path.string()));
  return picture;
}

}  // namespace clippath::cli
