// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/json/json.h"
#include "encoder/weights/weights_writer.h"
#include "tests/support/golden_files.h"

namespace clippath::test {

/// Writes the model of a DINO folder as Hugging Face's conversion does: other names, queries, keys
/// and values apart.
inline void write_hf_vit_of_dino(const std::filesystem::path& dino,
                                 const std::filesystem::path& folder) {
  const std::vector<std::pair<std::string, std::string>> words = {
      {"patch_embed.proj.", "embeddings.patch_embeddings.projection."},
      {"cls_token", "embeddings.cls_token"},
      {"pos_embed", "embeddings.position_embeddings"},
      {"blocks.", "encoder.layer."},
      {".attn.proj.", ".attention.output.dense."},
      {".norm1.", ".layernorm_before."},
      {".norm2.", ".layernorm_after."},
      {".mlp.fc1.", ".intermediate.dense."},
      {".mlp.fc2.", ".output.dense."}};
  const WeightsFile weights = open_golden(dino / "model.safetensors");
  TensorTable renamed;
  for (const auto& [stored, tensor] : weights.tensors()) {
    std::string name = stored;
    if (name.starts_with("norm.")) name = "layernorm." + name.substr(5);
    for (const auto& [from, to] : words) {
      if (const auto at = name.find(from); at != std::string::npos)
        name.replace(at, from.size(), to);
    }
    const auto fused = name.find(".attn.qkv.");
    if (fused == std::string::npos) {
      renamed.emplace(name, tensor);
      continue;
    }
    StoredTensor third = tensor;
    third.shape[0] /= 3;
    const std::size_t bytes = tensor.bytes.size() / 3;
    std::size_t part = 0;
    for (const char* word : {"query", "key", "value"}) {
      const std::string whole =
          name.substr(0, fused) + ".attention.attention." + word + "." + name.substr(fused + 10);
      third.bytes = tensor.bytes.subspan(bytes * part++, bytes);
      renamed.emplace(whole, third);
    }
  }
  if (!write_weights_file(folder / "model.safetensors", renamed)) {
    throw std::runtime_error("the renamed model cannot be written");
  }
  const Json config = read_json(dino / "config.json");
  std::ofstream(folder / "config.json")
      << to_text({{"model_type", "vit"},
                  {"hidden_size", config["embed_dim"]},
                  {"num_hidden_layers", config["depth"]},
                  {"num_attention_heads", config["num_heads"]},
                  {"intermediate_size", 4 * config["embed_dim"].get<int>()},
                  {"layer_norm_eps", config["layer_norm_eps"]}});
}

}  // namespace clippath::test
