// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/deadline.h"
#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"

namespace clippath {

inline constexpr std::int64_t kMaxTopJ = 100;
inline constexpr std::int64_t kDefaultTopJ = 10;

/// What stands in a template where a synonym goes.
inline constexpr std::string_view kClassNamePlaceholder = "CLASSNAME";

struct PromptClass {
  std::string name;                   ///< shown
  std::vector<std::string> synonyms;  ///< prompted, at least one
};

/// One set of prompts: each synonym of a class in each template.
struct PromptEnsemble {
  std::vector<std::string> templates;  ///< at least one, each with the placeholder
  std::vector<PromptClass> classes;    ///< at least two, names differ
};

/// Classes as words. Every ensemble has classes of the same names, in the same order; there is at
/// least one (server/classify/read_prompts.h makes sure of it).
struct ClassPrompts {
  std::vector<PromptEnsemble> ensembles;

  [[nodiscard]] const std::vector<PromptClass>& classes() const {
    return ensembles.front().classes;
  }
};

/// For each ensemble `[classes, dimension]`: the renormalised mean over synonyms and templates of
/// unit text vectors.
using ClassVectors = std::vector<EmbeddingMatrix>;

/// Encodes the prompts, at most 32 in a batch and only those of one class, so that the vector of a
/// class depends on no other class. Fails: kInvalidArgument naming the class whose prompts point
/// nowhere on average; kDeadlineExceeded, tested between the batches; what the encoder fails with.
Result<ClassVectors> make_class_vectors(const ClassPrompts& prompts, const Encoder& encoder,
                                        const Deadline& deadline);

/// Top-j pooling: a class is as similar as the mean of its j largest cosines. One thread at a time.
class TopPool {
 public:
  /// @param classes  must outlive this.
  /// @param top_j    at least 1.
  TopPool(const ClassVectors& classes, std::size_t top_j);

  /// @param vector  unit length, `[dimension]`.
  void add(std::span<const float> vector);

  [[nodiscard]] std::size_t added() const { return added_; }

  /// For each ensemble the similarity of each class; where fewer than j were added, of all of them.
  /// The order in which they were added does not matter. Requires: one was added.
  [[nodiscard]] std::vector<std::vector<double>> similarities() const;

 private:
  const ClassVectors& classes_;
  std::size_t top_j_;
  std::size_t added_ = 0;
  std::vector<std::vector<std::vector<float>>> largest_;  ///< ensemble, class, min-heap of cosines
};

struct ClassScore {
  std::size_t index = 0;  ///< of the class in the prompts
  std::string name;
  double similarity = 0;   ///< mean over the ensembles, [-1, 1]
  double probability = 0;  ///< mean over the ensembles; they sum to 1 over the classes
  /// Sample standard deviations over the ensembles; nothing where there is one.
  std::optional<double> similarity_spread;
  std::optional<double> probability_spread;
};

/// Probabilities are softmax(similarity * logit_scale) over the classes, within each ensemble.
/// @param similarities  for each ensemble that of each class.
/// @return  by falling probability, then similarity, then index.
std::vector<ClassScore> score_classes(const ClassPrompts& prompts,
                                      const std::vector<std::vector<double>>& similarities,
                                      double logit_scale);

}  // namespace clippath
