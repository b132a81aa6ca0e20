// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/feature_file.h"

namespace clippath::test {

/// Three patches with an attribute of every type.
inline FeatureFile three_patches() {
  FeatureFile file;
  file.coords = {{0, 0}, {512, 0}, {0, 512}};
  file.features = EmbeddingMatrix::zeros(3, 4);
  for (std::size_t i = 0; i < file.features.values.size(); ++i) {
    file.features.values[i] = static_cast<float>(i) / 8;
  }
  file.attributes = {{"patch_size_level0", std::int64_t{512}},
                     {"mpp", 0.25},
                     {"name", std::string("slide \xC3\xA9")},
                     {"level_dim", std::array<std::int64_t, 2>{1000, 2000}},
                     {"downsample", std::array{1.0, 1.0}},
                     {"caption", std::string()}};
  return file;
}

}  // namespace clippath::test
