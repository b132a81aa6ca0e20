// SPDX-License-Identifier: Apache-2.0
#include "clippath/data_folder.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "clippath/core/files.h"
#include "clippath/core/mutex.h"
#include "store/folder/folder_document.h"
#include "store/folder/folder_lock.h"
#include "store/folder/model_copy.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEncoderIdBytes = 32;

bool is_encoder_id(const EncoderId& id) {
  return id.value.size() == kEncoderIdBytes &&
         id.value.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Makes a folder and, so that it survives a power cut, the names that lead to it.
Result<void> make_folder(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  const fs::path parent = fs::absolute(path).parent_path();
  if (!fs::exists(parent, error)) CLIPPATH_TRY_VOID(make_folder(parent));
  fs::create_directory(path, error);
  if (error) return fail(system_error(error.value(), path.string() + ": cannot be created"));
  return sync_folder(parent);
}

/// A folder of somebody else must not be written into. LOCK and a half-written document are what an
/// interrupted creation of ours leaves.
Result<void> check_ours_or_empty(const fs::path& path) {
  std::error_code error;
  if (fs::exists(path / kFolderDocumentName, error)) return {};
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == kFolderLockName || name == std::string(kFolderDocumentName) + ".tmp") continue;
    return fail(ErrorKind::kFailedPrecondition,
                path.string() + ": holds other things (" + name +
                    ") and is no data folder; name an empty or a new folder");
  }
  if (error) return fail(system_error(error.value(), path.string() + ": cannot be read"));
  return {};
}

Result<void> remove_unfinished(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return {};
  std::vector<fs::path> unfinished;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".tmp") unfinished.push_back(entry->path());
  }
  for (const fs::path& path : unfinished) {
    if (!error) fs::remove_all(path, error);
  }
  if (error) return fail(system_error(error.value(), folder.string() + ": cannot be cleaned"));
  return {};
}

std::string describe(const std::optional<StainRule>& stain) {
  if (!stain) return "--stain none";
  return "--stain " + std::string(to_string(stain->target.method)) + " --stain-scope " +
         std::string(to_string(stain->scope));
}

class OpenDataFolder : public DataFolder {
 public:
  OpenDataFolder(fs::path path, Access access, std::unique_ptr<FolderLock> lock,
                 FolderDocument document, std::unique_ptr<Records> records)
      : path_(std::move(path)),
        access_(access),
        lock_(std::move(lock)),
        records_(std::move(records)),
        document_(std::move(document)) {}

  const fs::path& path() const override { return path_; }
  Records& records() override { return *records_; }
  const Records& records() const override { return *records_; }

  std::vector<EncoderEntry> encoders() const override {
    MutexLock lock(mutex_);
    return document_.encoders;
  }

  fs::path model_folder(const EncoderId& id) const override { return path_ / "models" / id.value; }

  Result<void> adopt_encoder(const EncoderEntry& encoder, const fs::path& from) override {
    CLIPPATH_TRY_VOID(check_writable());
    if (!is_encoder_id(encoder.id) || encoder.dimension == 0) {
      return fail({ErrorKind::kInvalidArgument,
                   "encoder '" + encoder.id.value +
                       "': must have an id of 32 lower-case hex "
                       "digits and a dimension",
                   "encoder", "32 hex digits"});
    }
    MutexLock lock(mutex_);
    const auto own = std::ranges::find(document_.encoders, encoder.id, &EncoderEntry::id);
    const bool known = own != document_.encoders.end();
    if (known && own->dimension != encoder.dimension) {
      return fail({ErrorKind::kFailedPrecondition,
                   path_.string() + ": encoder " + own->id.value + " makes " +
                       std::to_string(own->dimension) + " values, not " +
                       std::to_string(encoder.dimension),
                   "encoder", "", "encoder_mismatch"});
    }
    if (!known && document_.encoders.size() == kMaxEncoders) {
      const std::string limit = std::to_string(kMaxEncoders);
      return fail({ErrorKind::kTooLarge,
                   path_.string() + ": has " + limit +
                       " encoders already, as many as a folder can hold; use a new data folder",
                   "encoder", limit});
    }
    std::error_code error;
    if (!fs::exists(model_folder(encoder.id), error)) {
      CLIPPATH_TRY_VOID(make_folder(path_ / "models"));
      CLIPPATH_TRY_VOID(keep_model_folder(from, model_folder(encoder.id)));
    }
    if (known) return {};
    FolderDocument next = document_;
    next.encoders.push_back(encoder);
    return replace_document(std::move(next));
  }

  std::optional<PipelineDocument> find_pipeline(const std::string& id) const override {
    MutexLock lock(mutex_);
    const auto found = std::ranges::find(document_.pipelines, id, &PipelineDocument::id);
    if (found == document_.pipelines.end()) return std::nullopt;
    return *found;
  }

  std::vector<PipelineDocument> pipelines() const override {
    MutexLock lock(mutex_);
    return document_.pipelines;
  }

  Result<void> note_pipeline(const PipelineDocument& pipeline) override {
    CLIPPATH_TRY_VOID(check_writable());
    MutexLock lock(mutex_);
    if (!document_.pipelines.empty() && document_.pipelines.front().stain != pipeline.stain) {
      return fail({ErrorKind::kFailedPrecondition,
                   path_.string() + ": its pictures were indexed with " +
                       describe(document_.pipelines.front().stain) + ", not with " +
                       describe(pipeline.stain) +
                       " (or with another reference); leave the --stain options away, or use a new "
                       "data folder",
                   "stain", "", "stain_mismatch"});
    }
    const bool known = std::ranges::any_of(document_.pipelines, [&](const PipelineDocument& other) {
      return other.id() == pipeline.id();
    });
    if (known) return {};
    FolderDocument next = document_;
    next.pipelines.push_back(pipeline);
    return replace_document(std::move(next));
  }

 private:
  [[nodiscard]] Result<void> check_writable() const {
    if (access_ == Access::kWrite) return {};
    return fail(ErrorKind::kFailedPrecondition, path_.string() + ": was opened for reading");
  }

  Result<void> replace_document(FolderDocument next) CLIPPATH_REQUIRES(mutex_) {
    CLIPPATH_TRY_VOID(write_folder_document(path_, next));
    document_ = std::move(next);
    return {};
  }

  const fs::path path_;
  const Access access_;
  const std::unique_ptr<FolderLock> lock_;  ///< given back after records_ is closed
  const std::unique_ptr<Records> records_;
  /// Held while the document is written: the file must be that of the last change.
  mutable Mutex mutex_;
  FolderDocument document_ CLIPPATH_GUARDED_BY(mutex_);
};

Result<std::unique_ptr<DataFolder>> open_for_reading(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path / kFolderDocumentName, error)) {
    return fail(ErrorKind::kNotFound,
                path.string() + ": is no data folder; `clippath index` makes one");
  }
  CLIPPATH_TRY(auto lock, FolderLock::take(path, Access::kRead));
  CLIPPATH_TRY(auto document, read_folder_document(path));
  CLIPPATH_TRY(auto records, open_records(path / "records", Access::kRead));
  return std::make_unique<OpenDataFolder>(path, Access::kRead, std::move(lock), std::move(document),
                                          std::move(records));
}

Result<std::unique_ptr<DataFolder>> open_for_writing(const fs::path& path,
                                                     const std::string& purpose) {
  CLIPPATH_TRY_VOID(make_folder(path));
  CLIPPATH_TRY_VOID(check_ours_or_empty(path));
  CLIPPATH_TRY(auto lock, FolderLock::take(path, Access::kWrite));
  FolderDocument document = new_folder_document();
  std::error_code error;
  const bool is_new = !fs::exists(path / kFolderDocumentName, error);
  if (!is_new) {
    CLIPPATH_TRY(document, read_folder_document(path));
  }
  CLIPPATH_TRY_VOID(lock->sign(purpose));
  if (is_new) CLIPPATH_TRY_VOID(write_folder_document(path, document));
  CLIPPATH_TRY_VOID(remove_unfinished(path / "generations"));
  CLIPPATH_TRY_VOID(remove_unfinished(path / "models"));
  CLIPPATH_TRY(auto records, open_records(path / "records", Access::kWrite));
  CLIPPATH_TRY_VOID(sync_folder(path));
  return std::make_unique<OpenDataFolder>(path, Access::kWrite, std::move(lock),
                                          std::move(document), std::move(records));
}

}  // namespace

Result<std::unique_ptr<DataFolder>> DataFolder::open(const fs::path& path, Access access,
                                                     const std::string& purpose) {
  return access == Access::kRead ? open_for_reading(path) : open_for_writing(path, purpose);
}

}  // namespace clippath
