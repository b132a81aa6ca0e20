// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <faiss/impl/io.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/digest.h"
#include "clippath/core/result.h"

namespace clippath {

/// Closes on every way out; finishing a written file is FileWriter::finish.
struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using FilePointer = std::unique_ptr<std::FILE, FileCloser>;

/// What FAISS writes an index into: a file whose every write is checked, and the SHA-256 of the
/// bytes. FAISS's own writer never syncs and takes a full disk for success. One thread at a time.
class FileWriter : public faiss::IOWriter {
 public:
  /// Replaces the file. Fails: as core/files.h.
  static Result<std::unique_ptr<FileWriter>> create(const std::filesystem::path& path);

  /// Writes fewer items than asked once the disk is full, which makes FAISS throw.
  std::size_t operator()(const void* items, std::size_t item_bytes, std::size_t count) override;

  /// Flushes, syncs and closes. @return  SHA-256 in hex.
  /// Fails: kOutOfSpace or kInternal with the first error, also one of an earlier write.
  Result<std::string> finish();

 private:
  FileWriter(FilePointer file, std::filesystem::path path);
  Result<std::string> failed(const char* what);

  FilePointer file_;
  std::filesystem::path path_;
  Sha256 digest_;
  int error_number_ = 0;
};

/// What FAISS reads an index from: one open file, hashed first. One thread at a time.
class FileReader : public faiss::IOReader {
 public:
  /// Fails: kNotFound, kInternal.
  static Result<std::unique_ptr<FileReader>> open(const std::filesystem::path& path);

  /// The SHA-256 of the whole file in hex; reading then starts at its beginning.
  Result<std::string> digest();

  std::size_t operator()(void* items, std::size_t item_bytes, std::size_t count) override;

  /// Whether the last byte was read.
  [[nodiscard]] bool at_end();

 private:
  FileReader(FilePointer file, std::filesystem::path path);

  FilePointer file_;
  std::filesystem::path path_;
};

}  // namespace clippath
