// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/old_names.h"

#include <utility>
#include <vector>

namespace clippath {
namespace {

constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
    {"LayerNorm.gamma", "LayerNorm.weight"}, {"LayerNorm.beta", "LayerNorm.bias"}};

}  // namespace

Result<void> rename_old_tensors(TensorTable& tensors) {
  std::vector<std::pair<std::string, std::string>> renamed;
  for (const auto& [name, tensor] : tensors) {
    for (const auto& [old, today] : kEndings) {
      if (!name.ends_with(old)) continue;
      renamed.emplace_back(name, name.substr(0, name.size() - old.size()) + std::string(today));
    }
  }
  for (const auto& [old, today] : renamed) {
    auto node = tensors.extract(old);
    node.key() = today;
    if (!tensors.insert(std::move(node)).inserted) {
      return fail(ErrorKind::kInvalidArgument,
                  "tensor " + today + " is there under its old name, " + old + ", too");
    }
  }
  return {};
}

}  // namespace clippath
