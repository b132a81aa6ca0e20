// SPDX-License-Identifier: Apache-2.0
#include "clippath/feature_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "tests/support/feature_files.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

class FeatureFiles : public testing::Test {
 protected:
  fs::path write(const FeatureFile& file) {
    const auto written = write_feature_file(path_, file);
    EXPECT_TRUE(written) << written.error().message;
    return path_;
  }
  test::TempDir folder_;
  const fs::path path_ = folder_.path() / "slide.h5";
};

TEST_F(FeatureFiles, ComeBackAsTheyWere) {
  const FeatureFile file = test::three_patches();
  const auto back = read_feature_file(write(file));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->coords, file.coords);
  EXPECT_EQ(back->features.dimension, 4U);
  EXPECT_EQ(back->features.values, file.features.values);
  for (const auto& [name, value] : file.attributes) {
    const auto same =
        std::ranges::find(back->attributes, name, &std::pair<std::string, FeatureAttribute>::first);
    ASSERT_NE(same, back->attributes.end()) << name;
    EXPECT_EQ(same->second, value) << name;
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(FeatureFiles, LoseNumbersThatAreNone) {
  FeatureFile file = test::three_patches();
  file.attributes.emplace_back("overlap", std::numeric_limits<double>::quiet_NaN());
  file.attributes.emplace_back("pair", std::array{1.0, std::numeric_limits<double>::infinity()});
  const auto back = read_feature_file(write(file));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->attributes.size(), file.attributes.size() - 2);
  EXPECT_EQ(back->number("overlap"), std::nullopt);
}

TEST_F(FeatureFiles, HoldNoPatchesToo) {
  FeatureFile file;
  file.features = EmbeddingMatrix::zeros(0, 4);
  const auto back = read_feature_file(write(file));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->coords.empty());
  EXPECT_EQ(back->features.dimension, 4U);
}

TEST_F(FeatureFiles, WithoutFeaturesAreNotFeatures) {
  FeatureFile file = test::three_patches();
  file.features = {};
  const auto back = read_feature_file(write(file));
  ASSERT_FALSE(back);
  EXPECT_NE(back.error().message.find("no dataset 'features'"), std::string::npos);
}

TEST_F(FeatureFiles, StayUnderTheLimits) {
  write(test::three_patches());
  EXPECT_EQ(read_feature_file(path_, {2, 4, 1000}).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(read_feature_file(path_, {3, 3, 1000}).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(read_feature_file(path_, {3, 4, 47}).error().kind, ErrorKind::kTooLarge);
  EXPECT_TRUE(read_feature_file(path_, {3, 4, 48}));
}

TEST_F(FeatureFiles, OfAnotherKindAreNamed) {
  std::ofstream(path_) << "not HDF5";
  const auto back = read_feature_file(path_);
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(back.error().message.find("slide.h5"), std::string::npos);
  EXPECT_EQ(read_feature_file(folder_.path()).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace clippath
