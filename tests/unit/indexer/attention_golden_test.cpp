// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "clippath/attention.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

const std::filesystem::path kFolder = test::golden_dir() / "models/dino-vits-tiny";

/// The class token's maps of one picture, `[heads, patches]`, as the reference computed them.
AttentionMaps stored_maps(const WeightsFile& outputs, const std::string& name,
                          std::size_t picture) {
  const StoredTensor& tensor = *outputs.find(name);
  AttentionMaps maps{
      1, static_cast<std::size_t>(tensor.shape[1]), static_cast<std::size_t>(tensor.shape[2]), {}};
  const std::vector<float> all = test::values<float>(tensor);
  const auto size = static_cast<std::ptrdiff_t>(maps.heads * maps.patches);
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(picture) * size;
  maps.values.assign(first, first + size);
  return maps;
}

struct Picture {
  const char* prefix;
  std::size_t index;
};
constexpr std::array kPictures = {Picture{"224", 0}, Picture{"224", 1}, Picture{"480x320.dino", 0},
                                  Picture{"480x320.hf", 0}};

TEST(AttentionGolden, MasksHoldTheMassOfTheReference) {
  const WeightsFile outputs = test::open_golden(kFolder / "outputs.safetensors");
  for (const Picture& picture : kPictures) {
    const std::string prefix = picture.prefix;
    const auto values =
        attention_values(stored_maps(outputs, prefix + ".cls_attention", picture.index),
                         AttentionMode::kMass, AttentionHeads::kEach);
    for (const auto& [text, threshold] : {std::pair{"0.6", 0.6}, std::pair{"0.7", 0.7}}) {
      const std::string name = prefix + ".mask_t" + text + "." + std::to_string(picture.index);
      const std::vector<std::uint8_t> mask = test::values<std::uint8_t>(*outputs.find(name));
      ASSERT_EQ(mask.size(), values.size());
      for (std::size_t i = 0; i < mask.size(); ++i) {
        ASSERT_EQ(values[i] > 1 - threshold, mask[i] != 0) << name << " " << i;
      }
      const auto inside = std::count(mask.begin(), mask.end(), 1);
      EXPECT_EQ(attention_score(values, AttentionMode::kMass, threshold),
                static_cast<double>(inside) / static_cast<double>(mask.size()));
    }
  }
}

TEST(AttentionGolden, SharesAboveThresholdsAreThoseOfTheReference) {
  const WeightsFile outputs = test::open_golden(kFolder / "outputs.safetensors");
  const Json expected = test::read_json(kFolder / "attention.json")["values"];
  std::size_t compared = 0;
  for (const Picture& picture : kPictures) {
    const std::string prefix = picture.prefix;
    const AttentionMaps maps = stored_maps(outputs, prefix + ".cls_attention", picture.index);
    const Json& shares =
        expected[prefix + ".mean_over_heads." + std::to_string(picture.index)]["fraction_over"];
    const auto compare = [&](const char* key, AttentionMode mode, double factor) {
      const auto values = attention_values(maps, mode, AttentionHeads::kMean);
      for (const auto& [threshold, share] : shares[key].items()) {
        EXPECT_EQ(attention_score(values, mode, std::stod(threshold) * factor), share)
            << prefix << " " << key << " " << threshold;
        ++compared;
      }
    };
    compare("raw", AttentionMode::kRaw, 1);
    compare("raw", AttentionMode::kScaled, static_cast<double>(maps.patches));
    compare("max_normalised", AttentionMode::kMax, 1);
  }
  EXPECT_EQ(compared, 4U * (9 + 9 + 10));
}

}  // namespace
}  // namespace clippath
