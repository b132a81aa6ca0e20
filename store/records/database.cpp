// SPDX-License-Identifier: Apache-2.0
#include "store/records/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "clippath/core/check.h"
#include "clippath/core/log.h"

namespace clippath {
namespace {

constexpr std::size_t kCacheBytes = 64U << 20U;
constexpr std::size_t kWriteBufferBytes = 16U << 20U;
constexpr std::size_t kAllWriteBuffersBytes = 32U << 20U;
constexpr std::uint64_t kLeastBlobBytes = 1024;
constexpr std::size_t kProtectionBytes = 8;
constexpr int kBloomBitsPerKey = 10;
constexpr std::array<const char*, kFamilies> kFamilyNames = {"meta", "vec", "ids",
                                                             "acl",  "gen", "jobs"};

/// RocksDB's own log file lies beside the records: on a full disk version 7.8 stops the process at
/// the second line that it cannot write, and a reader would begin one in a folder that is not its.
class DebugLogger : public rocksdb::Logger {
 public:
  DebugLogger() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 512> line{};
    std::vsnprintf(line.data(), line.size(), format, arguments);
    log(LogLevel::kDebug, std::string("rocksdb: ") + line.data());
  }
};

/// After a full disk RocksDB would look for space every few seconds, and until then refuse to be
/// asked; Database::write asks it at the next write instead.
class ResumeWhenAsked : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::DBOptions database_options(Access access, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // A torn tail is what a crash leaves; a hole in the middle is damage, and must not pass silently.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.paranoid_checks = true;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(kAllWriteBuffersBytes, cache);
  options.manifest_preallocation_size = 64U << 10U;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<DebugLogger>();
  if (access == Access::kWrite) options.listeners.push_back(std::make_shared<ResumeWhenAsked>());
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  if (family == Family::kMeta || family == Family::kIds)
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = kWriteBufferBytes;
  options.memtable_protection_bytes_per_key = kProtectionBytes;
  options.force_consistency_checks = true;
  options.compression = rocksdb::kZSTD;
  if (family == Family::kVectors) {
    options.compression = rocksdb::kNoCompression;
    options.enable_blob_files = true;
    options.min_blob_size = kLeastBlobBytes;
  }
  return options;
}

bool is_full_disk(const rocksdb::Status& status) {
  return status.IsNoSpace() ||
         (status.IsIOError() && status.ToString().find(std::strerror(ENOSPC)) != std::string::npos);
}

ErrorKind kind_of(const rocksdb::Status& status) {
  if (is_full_disk(status)) return ErrorKind::kOutOfSpace;
  if (status.IsCorruption()) return ErrorKind::kCorruption;
  return ErrorKind::kInternal;
}

std::string remedy_of(ErrorKind kind) {
  if (kind == ErrorKind::kOutOfSpace) return "; free some space, what was stored before is whole";
  if (kind == ErrorKind::kCorruption)
    return "; `clippath store verify` lists the damage, restore the folder from a copy";
  return "";
}

}  // namespace

Error to_error(const rocksdb::Status& status, std::string_view doing) {
  const ErrorKind kind = kind_of(status);
  return Error{kind, std::string(doing) + ": " + status.ToString() + remedy_of(kind)};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder,
                                                 Access access) {
  if (access == Access::kRead && !std::filesystem::exists(folder / "CURRENT"))
    return fail(ErrorKind::kNotFound, folder.string() + ": there are no records");

  const auto cache = rocksdb::NewLRUCache(kCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (std::size_t i = 0; i < kFamilies; ++i)
    families.emplace_back(kFamilyNames[i], family_options(static_cast<Family>(i), cache));

  const rocksdb::DBOptions options = database_options(access, cache);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      access == Access::kRead
          ? rocksdb::DB::OpenForReadOnly(options, folder.string(), families, &handles, &opened)
          : rocksdb::DB::Open(options, folder.string(), families, &handles, &opened);
  if (!status.ok()) return fail(to_error(status, folder.string() + ": cannot be opened"));

  std::unique_ptr<Database> database(new Database(access));
  database->database_.reset(opened);
  database->default_handle_ = handles[0];
  for (std::size_t i = 0; i < kFamilies; ++i) database->handles_[i] = handles[i + 1];
  return database;
}

Database::~Database() {
  if (was_written_) {
    const std::vector<rocksdb::ColumnFamilyHandle*> all(handles_.begin(), handles_.end());
    const rocksdb::Status flushed = database_->Flush(rocksdb::FlushOptions(), all);
    // Nothing is lost: the write-ahead log has it.
    if (!flushed.ok()) log(LogLevel::kWarning, to_error(flushed, "closing the records").message);
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles_) destroy(handle);
  destroy(default_handle_);
  const rocksdb::Status closed = database_->Close();
  if (!closed.ok()) log(LogLevel::kWarning, to_error(closed, "closing the records").message);
}

void Database::destroy(rocksdb::ColumnFamilyHandle* handle) {
  const rocksdb::Status status = database_->DestroyColumnFamilyHandle(handle);
  if (!status.ok()) log(LogLevel::kWarning, to_error(status, "closing the records").message);
}

Result<void> Database::write(rocksdb::WriteBatch& batch, Durability durability) {
  if (was_full_) {
    const rocksdb::Status resumed = database_->Resume();
    // Busy: another thread resumes; the write below says whether it could.
    if (!resumed.ok() && !resumed.IsBusy()) return fail(to_error(resumed, "writing records"));
    was_full_ = false;
  }
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kSynced;
  options.protection_bytes_per_key = kProtectionBytes;
  const rocksdb::Status status = database_->Write(options, &batch);
  if (!status.ok()) {
    if (is_full_disk(status)) was_full_ = true;
    return fail(to_error(status, "writing records"));
  }
  was_written_ = true;
  return {};
}

void Database::put(rocksdb::WriteBatch& batch, Family family, std::string_view key,
                   std::string_view value) const {
  // Fails only for a batch with a size limit, which ours never has.
  CLIPPATH_CHECK(batch.Put(handle(family), key, value).ok());
}

void Database::erase(rocksdb::WriteBatch& batch, Family family, std::string_view key) const {
  CLIPPATH_CHECK(batch.Delete(handle(family), key).ok());
}

std::vector<std::string> Database::check_files() const {
  std::vector<std::string> wrong;
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  for (const rocksdb::Status& status :
       {database_->VerifyChecksum(options), database_->VerifyFileChecksums(options)}) {
    if (!status.ok() && !status.IsNotSupported())
      wrong.push_back(to_error(status, "table files").message);
  }
  return wrong;
}

ReadView::ReadView(const Database& database)
    : database_(database), snapshot_(database.database_->GetSnapshot()) {}

ReadView::~ReadView() { database_.database_->ReleaseSnapshot(snapshot_); }

Result<std::optional<std::string>> ReadView::get(Family family, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.snapshot = snapshot_;
  std::string value;
  const rocksdb::Status status =
      database_.database_->Get(options, database_.handle(family), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return fail(to_error(status, "reading records"));
  return std::optional<std::string>(std::move(value));
}

std::unique_ptr<rocksdb::Iterator> ReadView::iterate(Family family) const {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.snapshot = snapshot_;
  options.fill_cache = false;
  return std::unique_ptr<rocksdb::Iterator>(
      database_.database_->NewIterator(options, database_.handle(family)));
}

}  // namespace clippath
