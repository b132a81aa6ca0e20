// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// Whether a folder is open_clip's: it has `open_clip_config.json`.
bool is_open_clip(const std::filesystem::path& folder);

/// `open_clip_config.json` or `config.json`.
std::string config_file_name(const std::filesystem::path& folder);

/// All weights of a model folder, mapped as WeightsFile maps one. Immutable: share freely.
class Weights {
 public:
  [[nodiscard]] const TensorTable& tensors() const { return tensors_; }

  struct Part {
    std::string name;  ///< of the file within the folder
    std::span<const std::uint8_t> bytes;
  };
  /// The files, in the order of their names.
  [[nodiscard]] std::vector<Part> parts() const;

 private:
  friend Result<Weights> open_weights(const std::filesystem::path& folder);
  Weights() = default;

  std::map<std::string, WeightsFile> files_;
  TensorTable tensors_;
};

/// Opens the first that a folder has of `model.safetensors`, the files that
/// `model.safetensors.index.json` names, and `open_clip_model.safetensors`; the last comes first in
/// a folder of open_clip, where the others may be the same model under Hugging Face's names.
/// Fails: kNotFound naming the file; kUnsupported where there is a pickle only; as
/// open_weights_file; kInvalidArgument for an index that does not agree with its files, naming the
/// tensor; as rename_old_tensors, which is done here.
Result<Weights> open_weights(const std::filesystem::path& folder);

}  // namespace clippath
