// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_files.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <system_error>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"

namespace clippath::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxPictureBytes = std::uintmax_t{64} << 20U;
constexpr PictureLimits kPictureLimits{16'384, 100'000'000};

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Result<PictureGroup> pictures_of(const fs::path& folder) {
  PictureGroup group{folder, {}};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && is_picture(entry.path()))
      group.files.push_back(entry.path());
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

Result<RgbImage> read_picture(const fs::path& path) {
  CLIPPATH_TRY(const auto bytes, read_file(path, kMaxPictureBytes));
  auto picture = decode_picture(bytes, kPictureLimits);
  if (!picture) return fail(picture.error().within(path.string()));
  return picture;
}

}  // namespace clippath::cli
