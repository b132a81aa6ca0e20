// SPDX-License-Identifier: Apache-2.0
#include "store/vectors/file_stream.h"

#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "clippath/core/files.h"

namespace clippath {
namespace {

constexpr std::size_t kChunkBytes = 1U << 20U;

}  // namespace

FileWriter::FileWriter(FilePointer file, std::filesystem::path path)
    : file_(std::move(file)), path_(std::move(path)) {}

Result<std::unique_ptr<FileWriter>> FileWriter::create(const std::filesystem::path& path) {
  FilePointer file(std::fopen(path.c_str(), "wbe"));
  if (file == nullptr) return fail(system_error(errno, path.string() + ": cannot be created"));
  return std::unique_ptr<FileWriter>(new FileWriter(std::move(file), path));
}

std::size_t FileWriter::operator()(const void* items, std::size_t item_bytes, std::size_t count) {
  if (item_bytes * count == 0) return count;  // of an empty vector: `items` may be null
  const std::size_t written = std::fwrite(items, item_bytes, count, file_.get());
  if (written != count && error_number_ == 0) error_number_ = errno;
  digest_.update({static_cast<const std::uint8_t*>(items), written * item_bytes});
  return written;
}

Result<std::string> FileWriter::failed(const char* what) {
  return fail(system_error(error_number_, path_.string() + ": cannot be " + what));
}

Result<std::string> FileWriter::finish() {
  if (error_number_ != 0) return failed("written");
  error_number_ = std::fflush(file_.get()) == 0 ? 0 : errno;
  if (error_number_ != 0) return failed("written");
  error_number_ = ::fsync(::fileno(file_.get())) == 0 ? 0 : errno;
  if (error_number_ != 0) return failed("synced");
  error_number_ = std::fclose(file_.release()) == 0 ? 0 : errno;
  if (error_number_ != 0) return failed("closed");
  return to_hex(digest_.finish());
}

FileReader::FileReader(FilePointer file, std::filesystem::path path)
    : file_(std::move(file)), path_(std::move(path)) {}

Result<std::unique_ptr<FileReader>> FileReader::open(const std::filesystem::path& path) {
  FilePointer file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return fail(system_error(errno, path.string() + ": cannot be opened"));
  return std::unique_ptr<FileReader>(new FileReader(std::move(file), path));
}

Result<std::string> FileReader::digest() {
  Sha256 digest;
  std::vector<std::uint8_t> chunk(kChunkBytes);
  std::rewind(file_.get());
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file_.get()))
    digest.update({chunk.data(), count});
  if (std::ferror(file_.get()) != 0)
    return fail(system_error(errno, path_.string() + ": cannot be read"));
  std::rewind(file_.get());
  return to_hex(digest.finish());
}

std::size_t FileReader::operator()(void* items, std::size_t item_bytes, std::size_t count) {
  return std::fread(items, item_bytes, count, file_.get());
}

bool FileReader::at_end() { return std::fgetc(file_.get()) == EOF; }

}  // namespace clippath
