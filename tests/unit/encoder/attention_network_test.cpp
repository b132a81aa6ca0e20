// SPDX-License-Identifier: Apache-2.0
#include "clippath/attention_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>
#include <thread>
#include <utility>

#include "tests/support/copied_model.h"

namespace clippath {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AttentionFolder : public test::CopiedModel {
 protected:
  AttentionFolder()
      : CopiedModel("dino-vits-tiny",
                    {"config.json", "model.safetensors", "preprocessor_config.json"}) {}

  [[nodiscard]] Result<std::unique_ptr<const AttentionNetwork>> load(
      const AttentionLayers& layers = {}) const {
    return load_attention_network(folder(), layers);
  }

  void expect_refused(ErrorKind kind, const std::string& message) const {
    const auto network = load();
    ASSERT_FALSE(network) << message;
    EXPECT_EQ(network.error().kind, kind) << network.error().message;
    EXPECT_THAT(network.error().message, HasSubstr(message));
  }

  static RgbImage picture() {
    RgbImage image = RgbImage::filled(299, 299, 0, 0, 0);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<std::uint8_t>((i * 7919 + i / 600 * 31) % 256);
    }
    return image;
  }
};

TEST_F(AttentionFolder, GivesAMapForEachHeadOfTheLastLayer) {
  const auto network = load();
  ASSERT_TRUE(network) << network.error().message;
  EXPECT_THAT((*network)->layers(), ElementsAre(3));
  EXPECT_EQ((*network)->id().size(), 32U);
  const auto maps = (*network)->attend(picture());
  ASSERT_TRUE(maps) << maps.error().message;
  EXPECT_EQ(maps->layers, 1U);
  EXPECT_EQ(maps->heads, 3U);
  EXPECT_EQ(maps->patches, 196U);
  for (std::size_t head = 0; head < 3; ++head) {
    const auto map = maps->map(0, head);
    const double sum = std::accumulate(map.begin(), map.end(), 0.0);
    EXPECT_GT(sum, 0.9);
    EXPECT_LT(sum, 1);
  }
}

TEST_F(AttentionFolder, LooksAtTheLayersAskedFor) {
  const auto listed = load({AttentionLayers::Which::kListed, {3, 1, 3}});
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_THAT((*listed)->layers(), ElementsAre(1, 3));
  const auto all = load({AttentionLayers::Which::kAll, {}});
  ASSERT_TRUE(all);
  EXPECT_THAT((*all)->layers(), ElementsAre(0, 1, 2, 3));
  const auto two = (*listed)->attend(picture());
  const auto four = (*all)->attend(picture());
  ASSERT_TRUE(two && four);
  EXPECT_TRUE(std::ranges::equal(two->map(1, 2), four->map(3, 2)));
  for (const std::vector<std::int64_t>& wrong : {std::vector<std::int64_t>{4}, {-1, 2}, {}}) {
    const auto refused = load({AttentionLayers::Which::kListed, wrong});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("layers 0..3"));
  }
}

TEST_F(AttentionFolder, TakesPicturesOfAnotherSizeThanThePositionsHave) {
  change_all("preprocessor_config.json", "224", "320");
  const auto network = load();
  ASSERT_TRUE(network) << network.error().message;
  const auto maps = (*network)->attend(picture());
  ASSERT_TRUE(maps) << maps.error().message;
  EXPECT_EQ(maps->patches, 400U);
}

TEST_F(AttentionFolder, AnswersEqualBytesFromEveryThread) {
  const auto network = load();
  const std::vector<float> expected = (*network)->attend(picture())->values;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_EQ((*network)->attend(picture())->values, expected); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(AttentionFolder, HasAnotherIdentityForAnotherPreprocessing) {
  const std::string before = (*load())->id();
  change_all("preprocessor_config.json", "0.5", "0.485");
  EXPECT_NE((*load())->id(), before);
}

TEST_F(AttentionFolder, NamesEveryMissingFile) {
  for (const char* name : files()) {
    std::filesystem::remove(path(name));
    expect_refused(ErrorKind::kNotFound, name);
    restore(name);
  }
}

TEST_F(AttentionFolder, RefusesDamagedWeightsAndAPickle) {
  std::filesystem::resize_file(path("model.safetensors"), 100'000);
  expect_refused(ErrorKind::kCorruption, "model.safetensors");
  std::ofstream(path("model.safetensors"), std::ios::binary) << "PK\x03\x04 and more";
  expect_refused(ErrorKind::kUnsupported, "pickle");
}

TEST_F(AttentionFolder, NamesATensorThatDoesNotFit) {
  change("config.json", "\"mlp_ratio\": 4", "\"mlp_ratio\": 2");
  expect_refused(ErrorKind::kInvalidArgument, "mlp.fc1");
}

TEST_F(AttentionFolder, NamesASurplusLayer) {
  change("config.json", "\"depth\": 4", "\"depth\": 3");
  expect_refused(ErrorKind::kInvalidArgument, "blocks.3");
}

TEST_F(AttentionFolder, RefusesPicturesThatAreNoMultipleOfThePatches) {
  change_all("preprocessor_config.json", "224", "230");
  expect_refused(ErrorKind::kInvalidArgument, "230 x 230 px, config.json has patches of 16");
}

TEST_F(AttentionFolder, RefusesNumbersThatAreNotFinite) {
  fill("blocks.1.mlp.fc2.bias", 0x7E00, 1);
  expect_refused(ErrorKind::kCorruption, "blocks.1.mlp.fc2.bias holds a number that is NaN");
}

TEST_F(AttentionFolder, IsNotLoadedOntoADeviceThatIsNotThere) {
  for (const auto& [device, kind] :
       {std::pair{"cuda:127", ErrorKind::kUnsupported}, {"gpu", ErrorKind::kInvalidArgument}}) {
    const auto network = load_attention_network(folder(), {}, device);
    ASSERT_FALSE(network) << device;
    EXPECT_EQ(network.error().kind, kind);
    EXPECT_EQ(network.error().field, "device");
  }
}

// A norm without an epsilon, of nothing but zeros: 0 / 0.
TEST_F(AttentionFolder, AnswersNotANumberWithAnError) {
  change("config.json", "\"layer_norm_eps\": 1e-06", "\"layer_norm_eps\": 0");
  fill("cls_token", 0, 96);
  fill("pos_embed", 0, 197 * 96);
  const auto network = load();
  ASSERT_TRUE(network) << network.error().message;
  const auto maps = (*network)->attend(picture());
  ASSERT_FALSE(maps);
  EXPECT_EQ(maps.error().kind, ErrorKind::kInternal);
  EXPECT_THAT(maps.error().message, HasSubstr("not finite"));
}

}  // namespace
}  // namespace clippath
