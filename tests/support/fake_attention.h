// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clippath/attention_network.h"

namespace clippath::test {

/// A network without weights: its maps depend on the picture's bytes and on nothing else. Every map
/// attends evenly to a share of the patches, and not at all to the rest. Thread-safe.
class FakeAttention : public AttentionNetwork {
 public:
  static constexpr std::size_t kPatches = 100;

  explicit FakeAttention(std::string id = "ffeeddccbbaa99887766554433221100")
      : id_(std::move(id)) {}

  [[nodiscard]] const std::string& id() const override { return id_; }
  [[nodiscard]] const std::vector<std::int64_t>& layers() const override { return layers_; }

  [[nodiscard]] Result<AttentionMaps> attend(const RgbImage& picture) const override {
    ++pictures_seen;
    if (fails) return fail(ErrorKind::kInternal, "the model gave values that are not finite");
    const std::size_t even = even_patches(picture);
    AttentionMaps maps{1, 1, kPatches, std::vector<float>(kPatches)};
    for (std::size_t i = 0; i < even; ++i) maps.values[i] = 1.0F / static_cast<float>(even);
    return maps;
  }

  /// 1..kPatches: over half of the mean on so many.
  static std::size_t even_patches(const RgbImage& picture) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) sum += picture.pixels[i] * (i % 7 + 1);
    return sum % kPatches + 1;
  }

  bool fails = false;
  mutable std::atomic<int> pictures_seen = 0;

 private:
  std::string id_;
  std::vector<std::int64_t> layers_ = {11};
};

}  // namespace clippath::test
