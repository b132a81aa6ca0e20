// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/model_files.h"

#include <utility>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/weights/old_names.h"

namespace clippath {
namespace {

constexpr const char* kIndexFileName = "model.safetensors.index.json";
constexpr const char* kOpenClipConfigName = "open_clip_config.json";
constexpr const char* kOpenClipWeightsName = "open_clip_model.safetensors";
constexpr std::uintmax_t kMaxIndexBytes = 16U << 20U;
constexpr std::size_t kMaxTensors = 65'536;

bool has(const std::filesystem::path& folder, const char* name) {
  std::error_code error;
  return std::filesystem::exists(folder / name, error);
}

using WeightMap = std::map<std::string, std::string>;  // tensor to file

/// What PyTorch alone reads, where that is all that a folder has; else null.
const char* pickle_of(const std::filesystem::path& folder) {
  for (const char* name : {"pytorch_model.bin", "open_clip_pytorch_model.bin"}) {
    if (has(folder, name)) return name;
  }
  return nullptr;
}

/// A name that leads out of the folder would let an index map any file.
bool is_plain_name(const std::string& name) {
  return name.ends_with(".safetensors") && std::filesystem::path(name).filename() == name;
}

Result<WeightMap> parse_index(const Json& json) {
  ObjectReader reader(json, "");
  reader.any("metadata");
  const Json* map = reader.any("weight_map");
  if (map == nullptr || !map->is_object()) reader.reject("weight_map", "must be an object");
  CLIPPATH_TRY_VOID(reader.finish());
  WeightMap files;
  for (const auto& item : map->items()) {
    const Json& file = item.value();
    if (!file.is_string() || !is_plain_name(file.get_ref<const std::string&>())) {
      reader.reject("weight_map", item.key() + " must name a .safetensors file of this folder");
      CLIPPATH_TRY_VOID(reader.finish());
    }
    files.emplace(item.key(), file.get<std::string>());
  }
  return files;
}

Result<WeightMap> read_index(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto text, read_text_file(path, kMaxIndexBytes));
  auto json = parse_json(text, {.max_bytes = kMaxIndexBytes, .max_keys = kMaxTensors});
  if (!json) return fail(json.error().within(path.string()));
  auto map = parse_index(*json);
  if (!map) return fail(map.error().within(path.string()));
  return map;
}

/// The file that has all weights, "" where an index names several.
std::string whole_file(const std::filesystem::path& folder) {
  const bool has_open_clip = has(folder, kOpenClipWeightsName);
  if (has_open_clip && is_open_clip(folder)) return kOpenClipWeightsName;
  if (has(folder, kWeightsFileName)) return kWeightsFileName;
  if (has(folder, kIndexFileName)) return "";
  return has_open_clip ? kOpenClipWeightsName : kWeightsFileName;
}

}  // namespace

bool is_open_clip(const std::filesystem::path& folder) { return has(folder, kOpenClipConfigName); }

std::string config_file_name(const std::filesystem::path& folder) {
  return is_open_clip(folder) ? kOpenClipConfigName : "config.json";
}

std::vector<Weights::Part> Weights::parts() const {
  std::vector<Part> parts;
  for (const auto& [name, file] : files_) parts.push_back({name, file.bytes()});
  return parts;
}

Result<Weights> open_weights(const std::filesystem::path& folder) {
  Weights weights;
  const auto finish = [&]() -> Result<Weights> {
    if (const auto renamed = rename_old_tensors(weights.tensors_); !renamed) {
      return fail(renamed.error().within(folder.string()));
    }
    return std::move(weights);
  };
  const auto open = [&](const std::string& name) -> Result<void> {
    if (weights.files_.contains(name)) return {};
    CLIPPATH_TRY(WeightsFile file, open_weights_file(folder / name));
    weights.files_.emplace(name, std::move(file));
    return {};
  };
  if (const std::string name = whole_file(folder); !name.empty()) {
    const char* pickle = pickle_of(folder);
    if (pickle != nullptr && !has(folder, name.c_str())) {
      return fail(ErrorKind::kUnsupported,
                  (folder / pickle).string() +
                      ": is a pickle, which is never read; make model.safetensors of it with "
                      "scripts/convert_weights.py");
    }
    CLIPPATH_TRY_VOID(open(name));
    weights.tensors_ = weights.files_.at(name).tensors();
    return finish();
  }
  const auto index = folder / kIndexFileName;
  CLIPPATH_TRY(const WeightMap map, read_index(index));
  for (const auto& [tensor, name] : map) {
    CLIPPATH_TRY_VOID(open(name));
    const StoredTensor* stored = weights.files_.at(name).find(tensor);
    if (stored == nullptr) {
      return fail(ErrorKind::kInvalidArgument,
                  index.string() + ": tensor " + tensor + " is not in " + name);
    }
    weights.tensors_.emplace(tensor, *stored);
  }
  for (const auto& [name, file] : weights.files_) {
    for (const auto& [tensor, stored] : file.tensors()) {
      const auto mapped = map.find(tensor);
      if (mapped != map.end() && mapped->second == name) continue;
      return fail(ErrorKind::kInvalidArgument,
                  index.string() + ": does not name tensor " + tensor + " of " + name);
    }
  }
  return finish();
}

}  // namespace clippath
