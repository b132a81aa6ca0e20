// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/config_reader.h"

namespace clippath {

void ConfigReader::require(const char* key, const std::string& is, const std::string& must_be) {
  if (is != must_be) unsupported(key, is, must_be);
}

void ConfigReader::require(const char* key, std::int64_t is, std::int64_t must_be) {
  if (is != must_be) unsupported(key, std::to_string(is), std::to_string(must_be));
}

void ConfigReader::require_boolean(const char* key, bool must_be) {
  const bool is = boolean(key, must_be);
  if (is != must_be) unsupported(key, is ? "true" : "false", must_be ? "true" : "false");
}

void ConfigReader::require_absent(const char* key) {
  const Json* value = any(key);
  const bool absent =
      value == nullptr || value->is_null() || (value->is_boolean() && !value->get<bool>());
  if (!absent) unsupported(key, value->dump(), "models without it");
}

void ConfigReader::unsupported(const char* key, const std::string& is, const std::string& must_be) {
  fields_.reject(Error{ErrorKind::kUnsupported,
                       path_of(key) + ": is " + is + "; this program reads " + must_be,
                       path_of(key), must_be});
}

Activation ConfigReader::activation(const char* key, Activation fallback) {
  const std::string name = text(key, fallback == Activation::kQuickGelu ? "quick_gelu" : "gelu");
  if (name == "quick_gelu") return Activation::kQuickGelu;
  if (name != "gelu") unsupported(key, name, "gelu or quick_gelu");
  return Activation::kGelu;
}

void ConfigReader::check_heads(const char* key, const TowerConfig& tower,
                               const std::string& width_key) {
  if (tower.width % tower.heads == 0) return;
  reject(key, "must divide " + width_key + ", " + std::to_string(tower.width));
}

void ConfigReader::read_patches(VisionConfig& vision) {
  vision.image_size = size("image_size", kMaxSide, vision.image_size);
  vision.patch_size = size("patch_size", kMaxSide, vision.patch_size);
  if (vision.image_size % vision.patch_size != 0) {
    reject("patch_size", "must divide image_size, " + std::to_string(vision.image_size));
  }
}

Result<void> ConfigReader::finish() {
  if (json_.is_object()) {
    for (const auto& item : json_.items()) fields_.any(item.key().c_str());
  }
  return fields_.finish();
}

}  // namespace clippath
