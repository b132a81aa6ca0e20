// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace clippath {

/// Keys are big-endian, so that they sort as their numbers do.
template <std::unsigned_integral T>
void append_big(std::string& out, T value) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint8_t>(value >> shift));
}

/// Values are little-endian, as the machines that read them.
template <std::unsigned_integral T>
void append_little(std::string& out, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    out += static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline void append_double(std::string& out, double value) {
  append_little(out, std::bit_cast<std::uint64_t>(value));
}

/// A u32 length, then the bytes.
inline void append_text(std::string& out, std::string_view text) {
  append_little(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

/// @param bytes  at least `sizeof(T)`.
template <std::unsigned_integral T>
T load_big(std::string_view bytes) {
  T value = 0;
  for (unsigned i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value << 8U) | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

/// @param bytes  at least `sizeof(T)`.
template <std::unsigned_integral T>
T load_little(std::string_view bytes) {
  T value = 0;
  for (unsigned i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value | static_cast<T>(static_cast<std::uint8_t>(bytes[i])) << (8 * i));
  return value;
}

/// Takes values off the front of stored bytes. Past the end it returns zeros and empty texts, and
/// whole() is false. One thread at a time.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  template <std::unsigned_integral T>
  T integer() {
    const std::string_view bytes = take(sizeof(T));
    return bytes.empty() ? T{0} : load_little<T>(bytes);
  }
  double number() { return std::bit_cast<double>(integer<std::uint64_t>()); }
  std::string text() { return std::string(take(integer<std::uint32_t>())); }

  /// Nothing was missing, and nothing is left over.
  [[nodiscard]] bool whole() const { return !short_ && rest_.empty(); }
  /// Nothing was missing so far.
  [[nodiscard]] bool good() const { return !short_; }

 private:
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    const std::string_view front = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return front;
  }

  std::string_view rest_;
  bool short_ = false;
};

}  // namespace clippath
