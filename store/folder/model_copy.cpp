// SPDX-License-Identifier: Apache-2.0
#include "store/folder/model_copy.h"

#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "clippath/core/files.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

Error file_error(const std::error_code& error, const fs::path& path, const char* what) {
  return system_error(error.value(), path.string() + ": cannot be " + what);
}

Result<std::vector<fs::path>> regular_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code vanished;
    if (entry->is_regular_file(vanished)) files.push_back(entry->path());
  }
  if (error) return fail(file_error(error, folder, "read"));
  if (files.empty())
    return fail(ErrorKind::kInvalidArgument, folder.string() + ": holds no model files");
  return files;
}

Result<void> copy_durably(const fs::path& from, const fs::path& to) {
  CLIPPATH_TRY(StagedFile copy, StagedFile::create(to));
  CLIPPATH_TRY_VOID(read_in_pieces(
      from, [&copy](std::span<const std::uint8_t> piece) { return copy.append(piece); }));
  return copy.commit();
}

/// Weights have gigabytes: a link costs nothing. Who writes over the original changes the model
/// here too, which its id tells.
Result<void> keep_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const fs::path file = fs::canonical(from, error);
  if (error) return fail(file_error(error, from, "found"));
  fs::create_hard_link(file, to, error);
  return error ? copy_durably(file, to) : Result<void>();
}

Result<void> keep_files(const std::vector<fs::path>& files, const fs::path& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  if (error) return fail(file_error(error, folder, "created"));
  for (const fs::path& file : files) CLIPPATH_TRY_VOID(keep_file(file, folder / file.filename()));
  return sync_folder(folder);
}

}  // namespace

Result<void> keep_model_folder(const fs::path& from, const fs::path& to) {
  CLIPPATH_TRY(const auto files, regular_files(from));
  fs::path building = to;
  building += ".tmp";
  std::error_code error;
  if (auto kept = keep_files(files, building); !kept) {
    fs::remove_all(building, error);
    return kept;
  }
  fs::rename(building, to, error);
  if (error) return fail(file_error(error, to, "created"));
  return sync_folder(to.parent_path());
}

}  // namespace clippath
