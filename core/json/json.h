// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// A JSON value whose objects keep the order of their keys. Other folders read it through
/// ObjectReader, never by `value()` or `at()` of the library.
using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t max_bytes = 1U << 20U;
  int max_depth = 16;
  std::size_t max_keys = 256;          ///< per object
  std::size_t max_elements = 100'000;  ///< per array
};

/// Parses one JSON text strictly: UTF-8, no comments, no duplicate keys, finite numbers, nothing
/// after the value. Fails: kInvalidArgument with the byte where it stops making sense; kTooLarge
/// over max_bytes.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// One line (indent < 0) or indented. Text that is not UTF-8 is written with U+FFFD.
std::string to_text(const Json& value, int indent = -1);

/// Takes the fields of one object, one by one, and refuses what it was not asked for.
///
/// The first fault is kept and every later call returns the default, so a decoder reads as a list
/// of its fields and ends with `CLIPPATH_TRY_VOID(reader.finish());`. Messages name the field's
/// path and its limit: `group_size: must be 1..20, is 50`. One thread at a time.
class ObjectReader {
 public:
  /// @param path  of this object within the document, for messages; empty for the document itself.
  ObjectReader(const Json& value, std::string path);

  std::string text(const char* key, std::size_t max_bytes = 65536);  ///< required
  std::optional<std::string> optional_text(const char* key, std::size_t max_bytes = 65536);
  std::int64_t integer(const char* key, std::int64_t least, std::int64_t most);  ///< required
  std::optional<std::int64_t> optional_integer(const char* key, std::int64_t least,
                                               std::int64_t most);
  double number(const char* key, double least, double most);  ///< required
  std::optional<double> optional_number(const char* key, double least, double most);
  std::optional<bool> optional_boolean(const char* key);
  std::vector<std::string> optional_texts(const char* key, std::size_t max_items,
                                          std::size_t max_bytes = 65536);
  std::vector<double> optional_numbers(const char* key, std::size_t max_items);

  /// One word of a list: returns its index, or `fallback` when the key is missing.
  std::size_t choice(const char* key, const std::vector<std::string_view>& words,
                     std::size_t fallback);

  /// The raw value, or null when the key is missing. The caller checks its type.
  const Json* any(const char* key);

  /// Notes a fault found by the caller: `message` follows the field's path.
  void reject(const char* key, const std::string& message, const std::string& limit = {});
  void reject(Error error);

  /// The path of a field, for a nested reader.
  [[nodiscard]] std::string path_of(const char* key) const;

  /// The first fault, or the first unknown key. Fails: kInvalidArgument with field and limit.
  Result<void> finish();

 private:
  const Json* find(const char* key);

  const Json& value_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
  std::optional<Error> fault_;
};

}  // namespace clippath
