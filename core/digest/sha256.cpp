// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "clippath/core/check.h"
#include "clippath/core/digest.h"
#include "clippath/core/files.h"

namespace clippath {

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
  Sha256 sha;
  CLIPPATH_TRY_VOID(read_in_pieces(path, [&sha](std::span<const std::uint8_t> piece) {
    sha.update(piece);
    return Result<void>();
  }));
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
