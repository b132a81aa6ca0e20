// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

/// The column families (docs/formats/records.md).
enum class Family : std::size_t { kMeta, kVectors, kIds, kAccess, kGenerations, kJobs };
inline constexpr std::size_t kFamilies = 6;

/// What RocksDB reports, as one of our kinds: a full disk is kOutOfSpace, damage kCorruption with
/// what to do. `status` is not OK.
Error to_error(const rocksdb::Status& status, std::string_view doing);

enum class Durability {
  kSynced,  ///< on disk when the call returns
  kLater,   ///< for work that may be done again, such as removing what nobody sees
};

/// One opened RocksDB with our options. Every Status becomes a Result. Thread-safe.
class Database {
 public:
  /// kWrite creates the database where it is missing; kRead writes nothing, not even a log.
  /// Fails: kNotFound (kRead); kCorruption; kOutOfSpace; kInternal.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, Access access);
  /// Moves what the write-ahead log holds into tables, so that the next opening is quick.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[nodiscard]] bool is_read_only() const { return access_ == Access::kRead; }

  /// All of the batch or nothing. After a full disk the next write tries to go on.
  Result<void> write(rocksdb::WriteBatch& batch, Durability durability);

  void put(rocksdb::WriteBatch& batch, Family family, std::string_view key,
           std::string_view value) const;
  void erase(rocksdb::WriteBatch& batch, Family family, std::string_view key) const;

  /// Recomputes the checksums of all table files. What is wrong; empty when all is well.
  [[nodiscard]] std::vector<std::string> check_files() const;

 private:
  friend class ReadView;
  explicit Database(Access access) : access_(access) {}
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<std::size_t>(family)];
  }

  void destroy(rocksdb::ColumnFamilyHandle* handle);

  const Access access_;
  std::unique_ptr<rocksdb::DB> database_;
  rocksdb::ColumnFamilyHandle* default_handle_ = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
  std::atomic<bool> was_full_ = false;
  std::atomic<bool> was_written_ = false;
};

/// The database as it stood at one moment. Must not outlive it. Thread-safe.
class ReadView {
 public:
  explicit ReadView(const Database& database);
  ~ReadView();
  ReadView(const ReadView&) = delete;
  ReadView& operator=(const ReadView&) = delete;

  [[nodiscard]] Result<std::optional<std::string>> get(Family family, std::string_view key) const;

  /// Not positioned. Leaves the cache to others, for it is meant to pass over much. Must not
  /// outlive the view. One thread at a time.
  [[nodiscard]] std::unique_ptr<rocksdb::Iterator> iterate(Family family) const;

 private:
  const Database& database_;
  const rocksdb::Snapshot* snapshot_;
};

/// Calls `visit(key, value)` for every entry whose key begins with `prefix`, in order of key, until
/// it fails.
template <class Visit>
Result<void> each_with_prefix(const ReadView& view, Family family, const std::string& prefix,
                              Visit visit) {
  const auto entries = view.iterate(family);
  for (entries->Seek(prefix); entries->Valid() && entries->key().starts_with(prefix);
       entries->Next()) {
    CLIPPATH_TRY_VOID(visit(entries->key().ToStringView(), entries->value().ToStringView()));
  }
  if (!entries->status().ok()) return fail(to_error(entries->status(), "reading records"));
  return {};
}

}  // namespace clippath
