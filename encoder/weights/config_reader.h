// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "core/json/json.h"
#include "encoder/weights/model_config.h"

namespace clippath {

inline constexpr std::int64_t kMaxWidth = 16'384;
inline constexpr std::int64_t kMaxLayers = 256;
inline constexpr std::int64_t kMaxSide = 4096;  ///< pixels of a picture or a patch
inline constexpr std::int64_t kMaxVocabulary = 10'000'000;
inline constexpr std::int64_t kMaxPositions = 1'000'000;

/// One object of a model's configuration. Many of its keys concern training or generation only, so
/// unknown ones are let through; those that change the arithmetic must be asked for.
class ConfigReader {
 public:
  /// @param path  of the object within the file, "" for the file itself.
  ConfigReader(const Json& json, const std::string& path) : json_(json), fields_(json, path) {}

  std::int64_t size(const char* key, std::int64_t most, std::int64_t fallback) {
    return fields_.optional_integer(key, 1, most).value_or(fallback);
  }
  std::int64_t token(const char* key, std::int64_t vocabulary_size, std::int64_t fallback) {
    return fields_.optional_integer(key, 0, vocabulary_size - 1).value_or(fallback);
  }
  double number(const char* key, double least, double most, double fallback) {
    return fields_.optional_number(key, least, most).value_or(fallback);
  }
  bool boolean(const char* key, bool fallback) {
    return fields_.optional_boolean(key).value_or(fallback);
  }
  std::string text(const char* key, const std::string& fallback) {
    return fields_.optional_text(key, 256).value_or(fallback);
  }
  const Json* any(const char* key) { return fields_.any(key); }
  [[nodiscard]] std::string path_of(const char* key) const { return fields_.path_of(key); }

  // What the towers compute: another value is kUnsupported.
  void require(const char* key, const std::string& is, const std::string& must_be);
  void require(const char* key, std::int64_t is, std::int64_t must_be);
  void require_boolean(const char* key, bool must_be);  ///< of a key that may be missing
  void require_absent(const char* key);                 ///< missing, null or false

  void reject(const char* key, const std::string& message) { fields_.reject(key, message); }
  void unsupported(const char* key, const std::string& is, const std::string& must_be);

  /// "gelu" or "quick_gelu".
  Activation activation(const char* key, Activation fallback);
  void check_heads(const char* key, const TowerConfig& tower, const std::string& width_key);
  /// `image_size` and `patch_size`, of which the second divides the first.
  void read_patches(VisionConfig& vision);

  Result<void> finish();

 private:
  const Json& json_;
  ObjectReader fields_;
};

}  // namespace clippath
