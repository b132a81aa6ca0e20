// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "encoder/weights/weights_writer.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::HasSubstr;

/// The tensors of a golden model in two files with an index.
class ShardedWeights : public testing::Test {
 protected:
  void SetUp() override {
    TensorTable first;
    TensorTable second;
    std::size_t n = 0;
    for (const auto& [name, tensor] : whole_.tensors()) {
      const bool even = n++ % 2 == 0;
      (even ? first : second).emplace(name, tensor);
      map_[name] = even ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors";
    }
    ASSERT_TRUE(write_weights_file(path("model-00001-of-00002.safetensors"), first));
    ASSERT_TRUE(write_weights_file(path("model-00002-of-00002.safetensors"), second));
    write_index();
  }

  std::filesystem::path path(const char* name) const { return folder_.path() / name; }

  void write_index() const {
    const Json index{{"metadata", {{"total_size", 1}}}, {"weight_map", map_}};
    std::ofstream(path("model.safetensors.index.json")) << index.dump();
  }

  void expect_refused(ErrorKind kind, const std::string& message) const {
    write_index();
    const auto weights = open_weights(folder_.path());
    ASSERT_FALSE(weights);
    EXPECT_EQ(weights.error().kind, kind) << weights.error().message;
    EXPECT_THAT(weights.error().message, HasSubstr(message));
  }

  test::TempDir folder_;
  WeightsFile whole_ = test::open_golden(test::golden_dir() / "models/dual-tiny/model.safetensors");
  Json map_ = Json::object();
};

TEST_F(ShardedWeights, AreOneTable) {
  const auto weights = open_weights(folder_.path());
  ASSERT_TRUE(weights) << weights.error().message;
  ASSERT_EQ(weights->tensors().size(), whole_.tensors().size());
  for (const auto& [name, tensor] : whole_.tensors()) {
    const StoredTensor& stored = weights->tensors().find(name)->second;
    EXPECT_EQ(stored.shape, tensor.shape);
    EXPECT_TRUE(std::equal(stored.bytes.begin(), stored.bytes.end(), tensor.bytes.begin(),
                           tensor.bytes.end()))
        << name;
  }
  EXPECT_EQ(weights->parts().size(), 2U);
}

TEST_F(ShardedWeights, NamesAFileThatIsMissing) {
  std::filesystem::remove(path("model-00002-of-00002.safetensors"));
  expect_refused(ErrorKind::kNotFound, "model-00002-of-00002.safetensors");
}

TEST_F(ShardedWeights, NamesATensorThatIsInAnotherFile) {
  map_["logit_scale"] = map_["logit_scale"] == "model-00001-of-00002.safetensors"
                            ? "model-00002-of-00002.safetensors"
                            : "model-00001-of-00002.safetensors";
  expect_refused(ErrorKind::kInvalidArgument, "logit_scale is not in");
}

TEST_F(ShardedWeights, NamesATensorThatTheIndexLeavesOut) {
  map_.erase("logit_scale");
  expect_refused(ErrorKind::kInvalidArgument, "does not name tensor logit_scale");
}

TEST_F(ShardedWeights, RefusesAnIndexThatLeadsOutOfTheFolder) {
  for (const char* file : {"../model.safetensors", "/etc/passwd", "model.bin", "a/b.safetensors"}) {
    map_["logit_scale"] = file;
    expect_refused(ErrorKind::kInvalidArgument, "logit_scale must name a .safetensors file");
  }
}

TEST(OpenWeights, NamesThePickleThatStandsInTheirPlace) {
  for (const char* name : {"pytorch_model.bin", "open_clip_pytorch_model.bin"}) {
    const test::TempDir folder;
    EXPECT_EQ(open_weights(folder.path()).error().kind, ErrorKind::kNotFound);
    std::ofstream(folder.path() / name) << "PK";
    const auto weights = open_weights(folder.path());
    ASSERT_FALSE(weights);
    EXPECT_EQ(weights.error().kind, ErrorKind::kUnsupported);
    EXPECT_THAT(weights.error().message, HasSubstr(name));
    EXPECT_THAT(weights.error().message, HasSubstr("scripts/convert_weights.py"));
  }
}

/// The name of the only file that is opened.
std::string opened(const std::filesystem::path& folder) {
  const auto weights = open_weights(folder);
  if (!weights) return weights.error().message;
  return weights->parts().size() == 1 ? weights->parts().front().name : "several";
}

// As on the hub: one model under the names of both programs.
TEST_F(ShardedWeights, AreThoseOfTheConfigurationThatIsRead) {
  EXPECT_EQ(opened(folder_.path()), "several");
  const auto golden = test::golden_dir() / "models";
  std::filesystem::copy(golden / "openclip-tiny/open_clip_model.safetensors",
                        path("open_clip_model.safetensors"));
  EXPECT_EQ(opened(folder_.path()), "several");
  std::filesystem::copy(golden / "clip-tiny/model.safetensors", path("model.safetensors"));
  EXPECT_EQ(opened(folder_.path()), "model.safetensors");
  std::ofstream(path("open_clip_config.json")) << "{}";
  EXPECT_EQ(opened(folder_.path()), "open_clip_model.safetensors");
  std::filesystem::remove(path("open_clip_model.safetensors"));
  EXPECT_EQ(opened(folder_.path()), "model.safetensors");
}

TEST_F(ShardedWeights, RefusesAnIndexWithoutAMap) {
  std::ofstream(path("model.safetensors.index.json")) << R"({"weight_map": []})";
  EXPECT_THAT(open_weights(folder_.path()).error().message, HasSubstr("weight_map"));
}

}  // namespace
}  // namespace clippath
