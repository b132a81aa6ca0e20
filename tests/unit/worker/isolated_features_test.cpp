// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "clippath/core/files.h"
#include "clippath/decode_workers.h"
#include "tests/support/feature_files.h"
#include "tests/support/temp_dir.h"
#include "worker/client/isolated_features.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

class IsolatedFeatures : public testing::Test {
 protected:
  Result<FeatureFile> read() { return workers_->read_features(path_); }

  /// With less patience: HDF5 can search for ever in a damaged file.
  Result<FeatureFile> read_briefly() {
    using std::chrono_literals::operator""s;
    const worker::WorkerSpec spec{CLIPPATH_WORKER_PROGRAM, "features", 1, 1U << 20U, 2s};
    return worker::read_isolated_features(spec, path_);
  }

  void write(std::span<const std::uint8_t> bytes) { ASSERT_TRUE(write_file_durably(path_, bytes)); }

  test::TempDir folder_;
  const fs::path path_ = folder_.path() / "slide.h5";
  const std::shared_ptr<const DecodeWorkers> workers_ =
      DecodeWorkers::make(CLIPPATH_WORKER_PROGRAM, 1).value();
};

TEST_F(IsolatedFeatures, AreThoseOfTheFile) {
  ASSERT_TRUE(write_feature_file(path_, test::three_patches()));
  const auto inside = read_feature_file(path_);
  const auto outside = read();
  ASSERT_TRUE(outside) << outside.error().message;
  EXPECT_EQ(outside->coords, inside->coords);
  EXPECT_EQ(outside->features.dimension, inside->features.dimension);
  EXPECT_EQ(outside->features.values, inside->features.values);
  EXPECT_EQ(outside->attributes, inside->attributes);
}

TEST_F(IsolatedFeatures, FailAsTheReaderFails) {
  EXPECT_EQ(read().error().kind, ErrorKind::kNotFound);
  std::ofstream(path_) << "not HDF5";
  EXPECT_EQ(read().error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(workers_->read_features(folder_.path()).error().kind, ErrorKind::kNotFound);
}

TEST_F(IsolatedFeatures, CutOffAnywhereAreRefused) {
  ASSERT_TRUE(write_feature_file(path_, test::three_patches()));
  const std::vector<std::uint8_t> whole = *read_file(path_, 1U << 20U);
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 61) {
    write(std::span(whole).first(size));
    const auto answer = read_briefly();
    ASSERT_FALSE(answer) << size;
    EXPECT_EQ(answer.error().kind, ErrorKind::kUnsupported) << size;
  }
}

// A file is read, or refused for what it is, and this process lives on: HDF5 1.10 runs over its own
// memory on some of these, and searches for ever in others.
TEST_F(IsolatedFeatures, WithDamageNeverEndTheProgram) {
  ASSERT_TRUE(write_feature_file(path_, test::three_patches()));
  const std::vector<std::uint8_t> whole = *read_file(path_, 1U << 20U);
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> damaged = whole;
    for (unsigned i = 0; i < 1 + seed % 16; ++i) {
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    }
    write(damaged);
    const auto answer = read_briefly();
    if (answer) continue;
    EXPECT_THAT(answer.error().kind,
                testing::AnyOf(ErrorKind::kUnsupported, ErrorKind::kCorruption,
                               ErrorKind::kInvalidArgument, ErrorKind::kTooLarge))
        << "seed " << seed << ": " << answer.error().message;
    EXPECT_THAT(answer.error().message, testing::HasSubstr("slide.h5")) << "seed " << seed;
  }
}

}  // namespace
}  // namespace clippath
