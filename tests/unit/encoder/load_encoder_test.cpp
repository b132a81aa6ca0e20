// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <thread>

#include "clippath/core/files.h"
#include "encoder/runtime/dtype_gate.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/model_info.h"
#include "tests/support/copied_model.h"

namespace clippath {
namespace {

using testing::HasSubstr;

class ModelFolder : public test::CopiedModel {
 protected:
  ModelFolder()
      : CopiedModel("dual-tiny", {"config.json", "model.safetensors", "preprocessor_config.json",
                                  "tokenizer_config.json", "vocab.txt"}) {}

  [[nodiscard]] Result<std::unique_ptr<const LocalEncoder>> load(
      EncoderOptions options = {}) const {
    return load_local_encoder(folder(), options);
  }

  /// For tests of what a whole model does.
  [[nodiscard]] std::unique_ptr<const LocalEncoder> loaded(EncoderOptions options = {}) const {
    auto encoder = load(options);
    if (!encoder) throw std::runtime_error(encoder.error().message);
    return std::move(*encoder);
  }

  void expect_refused(ErrorKind kind, const std::string& message) const {
    const auto encoder = load();
    ASSERT_FALSE(encoder) << message;
    EXPECT_EQ(encoder.error().kind, kind) << encoder.error().message;
    EXPECT_THAT(encoder.error().message, HasSubstr(message));
  }
};

const std::vector<std::string> kTexts = {"papillary carcinoma", "", "a much longer sentence here"};

std::vector<RgbImage> pictures() {
  std::vector<RgbImage> images;
  for (const auto& [width, height] : {std::pair{224, 224}, std::pair{300, 200}, std::pair{1, 1}}) {
    RgbImage image = RgbImage::filled(width, height, 0, 0, 0);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<std::uint8_t>((i * 7919 + i / 600 * 31) % 256);
    }
    images.push_back(std::move(image));
  }
  return images;
}

TEST_F(ModelFolder, GivesUnitVectorsOfBothTowers) {
  const auto encoder = loaded();
  EXPECT_EQ(encoder->info().dimension, 40U);
  EXPECT_EQ(encoder->info().input_width, 224);
  EXPECT_EQ(encoder->info().batches.size, 4U);
  EXPECT_EQ(encoder->info().id, encoder_identity(folder()).value());
  for (const auto& rows : {encoder->encode_texts(kTexts), encoder->encode_images(pictures())}) {
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->rows, 3U);
    ASSERT_EQ(rows->dimension, 40U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(dot(rows->row(i), rows->row(i)), 1, 1e-5);
  }
}

TEST_F(ModelFolder, FittingBeforehandChangesNothing) {
  const auto encoder = loaded();
  std::vector<RgbImage> fitted;
  for (const RgbImage& image : pictures()) fitted.push_back(encoder->fit(image));
  EXPECT_EQ(encoder->encode_images(pictures())->values, encoder->encode_images(fitted)->values);
}

TEST_F(ModelFolder, OneByOneIsAsTogether) {
  const auto encoder = loaded();
  const auto together = encoder->encode_texts(kTexts);
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    const auto alone = encoder->encode_texts(std::span(kTexts).subspan(i, 1));
    EXPECT_GT(dot(alone->row(0), together->row(i)), 0.99999F);
  }
}

TEST_F(ModelFolder, AnswersEqualBytesFromEveryThread) {
  const auto encoder = loaded();
  const auto images = pictures();
  const auto expected_images = encoder->encode_images(images)->values;
  const auto expected_texts = encoder->encode_texts(kTexts)->values;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int repeat = 0; repeat < 5; ++repeat) {
        EXPECT_EQ(encoder->encode_images(images)->values, expected_images);
        EXPECT_EQ(encoder->encode_texts(kTexts)->values, expected_texts);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ModelFolder, StopsBetweenSmallBatchesWhenTheDeadlinePasses) {
  const auto encoder = loaded();
  const std::vector<RgbImage> images(20, pictures()[2]);
  int looks = 0;
  const auto rows = encoder->encode_images(
      images, {.deadline = Deadline::never().or_when([&looks] { return ++looks == 3; })});
  EXPECT_EQ(rows.error().kind, ErrorKind::kDeadlineExceeded);
  const auto whole = encoder->encode_images(images, {.deadline = Deadline::never()});
  ASSERT_TRUE(whole);
  EXPECT_GT(dot(whole->row(19), whole->row(0)), 0.99999F);
  EXPECT_EQ(encoder->encode_texts(kTexts, {.deadline = Deadline::after(std::chrono::seconds(-1))})
                .error()
                .kind,
            ErrorKind::kDeadlineExceeded);
}

TEST_F(ModelFolder, ProjectsWithoutNormalising) {
  const auto encoder = loaded();
  const auto raw = encoder->project_texts(kTexts);
  ASSERT_TRUE(raw);
  EXPECT_GT(std::abs(dot(raw->row(0), raw->row(0)) - 1), 0.01);
  EXPECT_EQ(normalize_rows(*raw)->values, encoder->encode_texts(kTexts)->values);
}

TEST_F(ModelFolder, TakesReadyPixels) {
  const auto encoder = loaded();
  const auto pixels = read_pixel_values(test::golden_dir() / "models/dual-tiny/inputs.safetensors");
  ASSERT_TRUE(pixels) << pixels.error().message;
  EXPECT_EQ(pixels->count, 4U);
  const auto rows = encoder->project_pixels(*pixels);
  ASSERT_TRUE(rows);
  const WeightsFile outputs =
      test::open_golden(test::golden_dir() / "models/dual-tiny/outputs.safetensors");
  const auto expected = test::values<float>(*outputs.find("image_embeds_raw"));
  ASSERT_EQ(rows->values.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(rows->values[i], expected[i], 2e-4);

  PixelBatch small{1, 16, 16, std::vector<float>(3 * 16 * 16)};
  EXPECT_EQ(encoder->project_pixels(small).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(read_pixel_values(path("model.safetensors")).error().kind, ErrorKind::kInvalidArgument);
}

TEST_F(ModelFolder, SaysWhichTowerWasLeftOut) {
  const auto texts = loaded({.towers = Towers::kTextOnly});
  EXPECT_TRUE(texts->encode_texts(kTexts));
  EXPECT_EQ(texts->encode_images(pictures()).error().kind, ErrorKind::kFailedPrecondition);
  const auto images = loaded({.towers = Towers::kImageOnly});
  EXPECT_TRUE(images->encode_images(pictures()));
  EXPECT_THAT(images->encode_texts(kTexts).error().message, HasSubstr("text tower"));
}

TEST_F(ModelFolder, CutsTextsAtTheLimitOfItsCard) {
  std::ofstream(path("clippath.json")) << R"({"format": 1, "max_text_tokens": 4})";
  const auto encoder = loaded();
  const std::vector<std::string> texts = {"a b", "a b c d e f"};
  const auto rows = encoder->encode_texts(texts);
  EXPECT_GT(dot(rows->row(0), rows->row(1)), 0.99999F);
}

TEST_F(ModelFolder, ExplainsItsArithmetic) {
  EXPECT_EQ(loaded({.dtype = DtypeChoice::kFp32})->info().dtype_reason, "fp32: asked for");
  if (processor_has_bf16()) return;
  EXPECT_THAT(loaded()->info().dtype_reason, HasSubstr("this processor has neither"));
  EXPECT_EQ(load({.dtype = DtypeChoice::kBf16}).error().kind, ErrorKind::kUnsupported);
}

TEST_F(ModelFolder, NamesEveryMissingFile) {
  for (const char* name : files()) {
    std::filesystem::remove(path(name));
    expect_refused(ErrorKind::kNotFound, name);
    restore(name);
  }
}

TEST_F(ModelFolder, RefusesDamagedWeights) {
  std::filesystem::resize_file(path("model.safetensors"), 100'000);
  expect_refused(ErrorKind::kCorruption, "model.safetensors");
}

TEST_F(ModelFolder, NamesATensorThatDoesNotFit) {
  change("config.json", "\"intermediate_size\": 256", "\"intermediate_size\": 128");
  expect_refused(ErrorKind::kInvalidArgument, "intermediate.dense");
}

TEST_F(ModelFolder, NamesASurplusLayer) {
  change("config.json", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2");
  expect_refused(ErrorKind::kInvalidArgument, "encoder.layer.2");
}

TEST_F(ModelFolder, RefusesFilesThatDisagree) {
  change("preprocessor_config.json", "\"height\": 224", "\"height\": 200");
  expect_refused(ErrorKind::kInvalidArgument, "224 x 200");
}

TEST_F(ModelFolder, RefusesAVocabularyLargerThanTheTower) {
  std::ofstream(path("vocab.txt"), std::ios::app) << "onemore\n";
  expect_refused(ErrorKind::kInvalidArgument, "6001 pieces");
}

TEST_F(ModelFolder, RefusesATokenBeyondTheTower) {
  std::filesystem::remove(path("vocab.txt"));
  const auto file = [&](const char* number) {
    std::ofstream(path("tokenizer.json")) << R"({"normalizer": {"type": "BertNormalizer"},
               "pre_tokenizer": {"type": "BertPreTokenizer"},
               "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 3]},
               "model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "[PAD]": 1, "[SEP]": 2,
                                                        "[CLS]": 3, "[MASK]": 4, "far": )"
                                          << number << "}}}";
  };
  file("6000");
  expect_refused(ErrorKind::kInvalidArgument, "6001 pieces");
  file("-1");
  expect_refused(ErrorKind::kInvalidArgument, "'far' has the number -1");
  file("5999");
  EXPECT_TRUE(load());
}

TEST_F(ModelFolder, RefusesTheVocabularyOfAnotherModel) {
  const auto keep_lines = [&](std::size_t count) {
    std::filesystem::remove(path("vocab.txt"));
    restore("vocab.txt");
    std::ifstream whole(path("vocab.txt"));
    std::string kept;
    std::string line;
    for (std::size_t i = 0; i < count && std::getline(whole, line); ++i) kept += line + "\n";
    std::ofstream(path("vocab.txt")) << kept;
  };
  keep_lines(5000);  // as where an embedding is filled up to a round number
  EXPECT_TRUE(load());
  keep_lines(4900);
  expect_refused(ErrorKind::kInvalidArgument, "only 4900 pieces, the text tower knows 6000");
}

TEST_F(ModelFolder, RefusesATokenLimitBeyondThePositions) {
  std::ofstream(path("clippath.json")) << R"({"format": 1, "max_text_tokens": 513})";
  expect_refused(ErrorKind::kInvalidArgument, "513 tokens");
}

class ConchFolder : public test::CopiedModel {
 protected:
  ConchFolder()
      : CopiedModel("conch-tiny", {"config.json", "model.safetensors", "tokenizer.json"}) {}
};

TEST_F(ConchFolder, GivesTextsTheSameVectorsAloneAndTogether) {
  const auto encoder = load_local_encoder(folder(), {.dtype = DtypeChoice::kFp32});
  ASSERT_TRUE(encoder) << encoder.error().message;
  const std::string longest(100, 'x');
  const std::vector<std::string> texts = {"", "tumor", "<|person|> has a carcinoma", longest};
  const auto together = (*encoder)->encode_texts(texts);
  ASSERT_TRUE(together) << together.error().message;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto alone = (*encoder)->encode_texts(std::span(texts).subspan(i, 1));
    EXPECT_NEAR(dot(alone->row(0), together->row(i)), 1, 1e-6) << texts[i];
  }
}

TEST_F(ConchFolder, RefusesAPaddingThatTheTowerDoesNotKnow) {
  std::ofstream(path("tokenizer_config.json")) << R"({"pad_token": "<end_of_text>"})";
  const auto encoder = load_local_encoder(folder(), {});
  ASSERT_FALSE(encoder);
  EXPECT_EQ(encoder.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(encoder.error().message, HasSubstr("pads with the number 2"));
}

TEST_F(ModelFolder, RefusesAnotherImageSizeInItsCard) {
  std::ofstream(path("clippath.json")) << R"({"format": 1, "image_size": 336})";
  expect_refused(ErrorKind::kInvalidArgument, "image_size");
}

TEST_F(ModelFolder, RefusesNumbersThatAreNotFiniteByTensor) {
  constexpr std::array<std::uint16_t, 4> kNan = {0x7E00, 0x7C00, 0xFC00, 0xFE01};  // and infinities
  for (const std::uint16_t half : kNan) {
    fill("text_model.encoder.layer.1.output.dense.bias", half, 1);
    expect_refused(ErrorKind::kCorruption, "text_model.encoder.layer.1.output.dense.bias holds");
    EXPECT_FALSE(describe_model(folder()));
  }
  std::filesystem::remove(path("model.safetensors"));
  restore("model.safetensors");
  fill("visual_projection.weight", 0x7BFF, 1);  // the largest number
  EXPECT_TRUE(load());
}

TEST_F(ModelFolder, KeepsTheScaleOfItsLogitsWithinThatOfTraining) {
  EXPECT_FLOAT_EQ(loaded()->info().logit_scale, std::exp(2.25F));
  fill("logit_scale", 0x55A0, 1);  // 90, of which exp is infinite
  EXPECT_EQ(loaded()->info().logit_scale, 100);
  fill("logit_scale", 0xBC00, 1);  // -1
  EXPECT_EQ(loaded()->info().logit_scale, 1);
}

// Norms without an epsilon, of nothing but zeros: 0 / 0.
TEST_F(ModelFolder, AnswersNotANumberWithAnError) {
  change_all("config.json", "\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 0");
  fill("text_model.embeddings.word_embeddings.weight", 0, 6000 * 48);
  fill("text_model.embeddings.position_embeddings.weight", 0, 512 * 48);
  fill("text_model.embeddings.token_type_embeddings.weight", 0, 2 * 48);
  fill("vision_model.embeddings.cls_token", 0, 64);
  fill("vision_model.embeddings.position_embeddings", 0, 197 * 64);
  const auto encoder = loaded();
  EXPECT_EQ(encoder->encode_images(pictures()).error().kind, ErrorKind::kInternal);
  EXPECT_EQ(encoder->project_images(pictures()).error().kind, ErrorKind::kInternal);
  EXPECT_THAT(encoder->encode_texts(kTexts).error().message, HasSubstr("not finite"));
}

TEST_F(ModelFolder, AnswersAVectorWithoutDirectionWithAnError) {
  fill("text_projection.weight", 0, 40 * 48);
  const auto encoder = loaded();
  EXPECT_THAT(encoder->encode_texts(kTexts).error().message, HasSubstr("without direction"));
}

}  // namespace
}  // namespace clippath
