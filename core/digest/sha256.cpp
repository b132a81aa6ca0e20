// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "clippath/core/check.h"
#include "clippath/core/digest.h"

namespace clippath {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<File> open_regular(const std::filesystem::path& path) {
  // A pipe of that name must not keep the program waiting for a writer; files do not care.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kInternal;
    return fail(kind, path.string() + ": cannot be opened: " + std::strerror(errno));
  }
  File file(::fdopen(descriptor, "rb"), &std::fclose);
  CLIPPATH_CHECK(file != nullptr);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kInvalidArgument, path.string() + ": is not a regular file");
  }
  return file;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  CLIPPATH_CHECK(state_->context != nullptr &&
                 EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(state_->context); }

void Sha256::update(std::span<const std::uint8_t> bytes) {
  CLIPPATH_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

void Sha256::update(std::string_view text) {
  CLIPPATH_CHECK(EVP_DigestUpdate(state_->context, text.data(), text.size()) == 1);
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest{};
  CLIPPATH_CHECK(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  return digest;
}

Result<Sha256Digest> sha256_file(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto file, open_regular(path));
  Sha256 sha;
  std::vector<std::uint8_t> buffer(1U << 20U);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    sha.update(std::span(buffer).first(count));
  }
  if (std::ferror(file.get()) != 0)
    return fail(ErrorKind::kInternal, path.string() + ": cannot be read");
  return sha.finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

std::string uuid_of(std::string_view name) {
  Sha256 sha;
  sha.update(std::string_view("clippath\n"));
  sha.update(name);
  Sha256Digest digest = sha.finish();
  digest[6] = static_cast<std::uint8_t>(0x80U | (digest[6] & 0x0FU));  // version 8
  digest[8] = static_cast<std::uint8_t>(0x80U | (digest[8] & 0x3FU));  // the RFC's variant
  std::string text = to_hex(std::span(digest).first(16));
  for (const std::size_t place : {8U, 13U, 18U, 23U}) text.insert(place, 1, '-');
  return text;
}

}  // namespace clippath
