// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/tissue.h"

namespace clippath {
namespace {

TEST(Tissue, MatchesPillowOnRealTiles) {
  const auto folder = std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/tissue";
  const auto table = read_csv(folder / "tissue.csv");
  ASSERT_TRUE(table);
  ASSERT_EQ(table->rows.size(), 7U);
  for (const auto& row : table->rows) {
    SCOPED_TRACE(row[0]);
    const auto bytes = read_file(folder / row[0], 1 << 20);
    ASSERT_TRUE(bytes);
    const auto image = decode_picture(*bytes);
    ASSERT_TRUE(image);
    std::vector<std::int64_t> histogram(256);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < image->pixels.size(); i += 3) {
      const int gray = gray_of(image->pixels[i], image->pixels[i + 1], image->pixels[i + 2]);
      ++histogram[static_cast<std::size_t>(gray)];
      sum += gray;
    }
    const double pixels = std::stod(row[4]);
    EXPECT_DOUBLE_EQ(white_fraction(*image, 225) * pixels, std::stod(row[5]));
    EXPECT_EQ(sum, std::stoll(row[6]));
    EXPECT_EQ(otsu_threshold(histogram), std::stoi(row[7]));
  }
}

}  // namespace
}  // namespace clippath
