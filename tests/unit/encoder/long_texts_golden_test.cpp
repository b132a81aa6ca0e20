// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>

#include "clippath/text_windows.h"
#include "encoder/runtime/local_encoder.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

constexpr std::size_t kTokens = 64;  // of the bundled model's card

std::filesystem::path model() { return test::source_dir() / "demo/model/atlas-clippath-small"; }

std::unique_ptr<const LocalEncoder> loaded(LongText long_texts) {
  auto encoder = load_local_encoder(
      model(),
      {.dtype = DtypeChoice::kFp32, .towers = Towers::kTextOnly, .long_texts = long_texts});
  if (!encoder) throw std::runtime_error(encoder.error().message);
  return std::move(*encoder);
}

std::string report(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) {
    text += "Core biopsy number " + std::to_string(i) +
            " shows invasive lobular carcinoma with single files of cells. Margins are free. ";
  }
  return text;
}

TEST(LongTexts, AreTheWeightedMeanOfTheirWindows) {
  const std::string text = report(2000);
  const auto tokenizer = load_tokenizer(model()).value();
  const auto windows = split_windows(text, *tokenizer, kTokens);
  ASSERT_GT(windows.size(), 3U);
  const auto cut = loaded(LongText::kCut);
  std::vector<double> sum(cut->info().dimension);
  double weights = 0;
  for (const TextWindow& window : windows) {
    const std::string part = text.substr(window.begin, window.end - window.begin);
    const auto row = cut->project_texts({&part, 1}).value();
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += static_cast<double>(window.weight) * static_cast<double>(row.values[i]);
    }
    weights += static_cast<double>(window.weight);
  }
  const auto whole = loaded(LongText::kWindows)->project_texts({&text, 1}).value();
  ASSERT_EQ(whole.values.size(), sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i) {
    EXPECT_NEAR(whole.values[i], sum[i] / weights, 1e-4) << i;
  }
}

TEST(LongTexts, AreReadToTheirEnd) {
  const std::string beginning = report(std::size_t{16} << 10U);
  const std::vector<std::string> texts = {beginning, beginning + "Melanoma. " + report(2000)};
  const auto windows = loaded(LongText::kWindows)->encode_texts(texts).value();
  EXPECT_NE(Embedding(windows.row(0).begin(), windows.row(0).end()),
            Embedding(windows.row(1).begin(), windows.row(1).end()));
  const auto cut = loaded(LongText::kCut)->encode_texts(texts).value();
  EXPECT_EQ(Embedding(cut.row(0).begin(), cut.row(0).end()),
            Embedding(cut.row(1).begin(), cut.row(1).end()));
}

TEST(LongTexts, ShortOnesAreTheSameEitherWay) {
  const std::vector<std::string> texts = {"papillary carcinoma", "", report(100)};
  EXPECT_EQ(loaded(LongText::kWindows)->encode_texts(texts)->values,
            loaded(LongText::kCut)->encode_texts(texts)->values);
}

}  // namespace
}  // namespace clippath
