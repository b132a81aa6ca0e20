// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "clippath/core/result.h"

namespace clippath {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text);
  /// Ends the computation; no call may follow.
  Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Fails: kNotFound; kInvalidArgument for what is no regular file; kInternal; each names the path.
Result<Sha256Digest> sha256_file(const std::filesystem::path& path);

/// Lower-case hex.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// The UUID of a name, the same on every machine: version 8 (RFC 9562), by SHA-256. In small
/// letters.
std::string uuid_of(std::string_view name);

/// xxh3-64: fast, against accidents, not against attackers.
std::uint64_t xxh3(std::span<const std::uint8_t> bytes);
std::uint64_t xxh3(std::string_view bytes);

}  // namespace clippath
