// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "clippath/classify.h"
#include "tests/support/fake_encoder.h"

namespace clippath {
namespace {

/// Knows a few texts in the plane, and remembers how they came.
class PlaneEncoder : public test::FakeEncoder {
 public:
  PlaneEncoder() : FakeEncoder(2) {}
  Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                       const EncodeCall& /*call*/ = {}) const override {
    batches.emplace_back(texts.begin(), texts.end());
    EmbeddingMatrix rows{0, 2, {}};
    for (const std::string& text : texts) {
      const Embedding vector = known.contains(text) ? known.at(text) : Embedding{1, 0};
      rows.values.insert(rows.values.end(), vector.begin(), vector.end());
      ++rows.rows;
    }
    return rows;
  }
  std::map<std::string, Embedding> known;
  mutable std::vector<std::vector<std::string>> batches;
};

TEST(ClassVectors, AreTheRenormalisedMeanOfEverySynonymInEveryTemplate) {
  PlaneEncoder encoder;
  encoder.known = {
      {"x.", {1, 0}}, {"see x", {0, 1}}, {"y.", {0.6F, 0.8F}}, {"see y", {0.8F, -0.6F}}};
  const ClassPrompts prompts{
      {{{"CLASSNAME.", "see CLASSNAME"}, {{"A", {"x", "y"}}, {"B", {"x"}}}}}};
  const ClassVectors vectors = make_class_vectors(prompts, encoder, Deadline::never()).value();
  // A: (1 + 0 + .6 + .8, 0 + 1 + .8 - .6) = (2.4, 1.2), which is (2, 1) / sqrt 5.
  EXPECT_NEAR(vectors[0].row(0)[0], 0.894427191, 1e-7);
  EXPECT_NEAR(vectors[0].row(0)[1], 0.447213595, 1e-7);
  EXPECT_NEAR(vectors[0].row(1)[0], 0.707106781, 1e-7);
  EXPECT_NEAR(vectors[0].row(1)[1], 0.707106781, 1e-7);
}

TEST(ClassVectors, FillEveryPlaceOfATemplateOnce) {
  PlaneEncoder encoder;
  const ClassPrompts prompts{
      {{{"CLASSNAME and CLASSNAME"}, {{"A", {"the CLASSNAME"}}, {"B", {"b"}}}}}};
  ASSERT_TRUE(make_class_vectors(prompts, encoder, Deadline::never()));
  EXPECT_EQ(encoder.batches[0][0], "the CLASSNAME and the CLASSNAME");
}

TEST(ClassVectors, EncodeInBatchesOfOneClass) {
  PlaneEncoder encoder;
  ClassPrompts prompts{{{{}, {{"A", {"a"}}, {"B", {"b", "bb"}}}}}};
  for (int i = 0; i < 40; ++i) {
    prompts.ensembles[0].templates.push_back(std::to_string(i) + " CLASSNAME");
  }
  ASSERT_TRUE(make_class_vectors(prompts, encoder, Deadline::never()));
  std::vector<std::size_t> sizes;
  for (const auto& batch : encoder.batches) sizes.push_back(batch.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{32, 8, 32, 32, 16}));
}

TEST(ClassVectors, AreTheSameEachTimeAndWhateverTheOtherClassesAre) {
  const test::FakeEncoder encoder(16);
  const PromptClass one{"A", {"a", "another"}};
  const ClassPrompts with_b{{{{"CLASSNAME", "x CLASSNAME"}, {one, {"B", {"b"}}}}}};
  const ClassPrompts with_c{{{{"CLASSNAME", "x CLASSNAME"}, {{"C", {"cc"}}, one}}}};
  const auto first = make_class_vectors(with_b, encoder, Deadline::never()).value();
  EXPECT_EQ(first[0].values,
            make_class_vectors(with_b, encoder, Deadline::never()).value()[0].values);
  const auto other = make_class_vectors(with_c, encoder, Deadline::never()).value();
  EXPECT_TRUE(std::equal(first[0].row(0).begin(), first[0].row(0).end(), other[0].row(1).begin()));
}

TEST(ClassVectors, NameTheClassWhosePromptsCancelOut) {
  PlaneEncoder encoder;
  encoder.known = {{"x", {1, 0}}, {"y", {-1, 0}}};
  const ClassPrompts prompts{{{{"CLASSNAME"}, {{"A", {"x"}}, {"B", {"x", "y"}}}}}};
  const auto vectors = make_class_vectors(prompts, encoder, Deadline::never());
  ASSERT_FALSE(vectors);
  EXPECT_NE(vectors.error().message.find("'B'"), std::string::npos);
}

TEST(ClassVectors, StopAtTheDeadline) {
  const test::FakeEncoder encoder;
  const ClassPrompts prompts{{{{"CLASSNAME"}, {{"A", {"x"}}, {"B", {"y"}}}}}};
  const auto vectors =
      make_class_vectors(prompts, encoder, Deadline::after(std::chrono::milliseconds(-1)));
  ASSERT_FALSE(vectors);
  EXPECT_EQ(vectors.error().kind, ErrorKind::kDeadlineExceeded);
}

}  // namespace
}  // namespace clippath
