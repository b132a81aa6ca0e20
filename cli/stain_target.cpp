// SPDX-License-Identifier: Apache-2.0
#include "cli/stain_target.h"

#include <string>

#include "cli/picture_files.h"
#include "clippath/core/files.h"

namespace clippath::cli {
namespace {

constexpr std::uintmax_t kMaxProfileBytes = std::uintmax_t{1} << 20U;

}  // namespace

Result<StainProfile> read_stain_profile(const std::filesystem::path& path,
                                        std::optional<StainMethod> wanted) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxProfileBytes));
  auto profile = parse_stain_profile(text);
  if (!profile) return fail(profile.error().within(path.string()));
  if (!wanted || profile->method == *wanted) return profile;
  return fail(ErrorKind::kInvalidArgument, path.string() + ": is a profile of " +
                                               std::string(to_string(profile->method)) +
                                               ", not of " + std::string(to_string(*wanted)));
}

Result<StainProfile> read_stain_target(const std::filesystem::path& path,
                                       std::optional<StainMethod> method,
                                       const PictureDecoder& decode) {
  if (lower_extension(path) == ".json") return read_stain_profile(path, method);
  CLIPPATH_TRY(const RgbImage picture, read_picture(path, decode));
  auto profile = fit_stain({&picture, 1}, method.value_or(StainMethod::kVahadane));
  if (!profile) return fail(profile.error().within(path.string()));
  return profile;
}

}  // namespace clippath::cli
