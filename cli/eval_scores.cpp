// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_scores.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "cli/in_batches.h"
#include "clippath/colour_baseline.h"

namespace clippath::cli {
namespace {

constexpr const char* kClassName = "CLASSNAME";

Result<EmbeddingMatrix> encode_all(const Encoder& encoder, const std::vector<std::string>& texts,
                                   int threads) {
  const std::span<const std::string> all = texts;
  return in_batches(vectors_by(encoder, texts.size()), threads,
                    [&](std::size_t begin, std::size_t end) {
                      return encoder.encode_texts(all.subspan(begin, end - begin));
                    });
}

std::string filled(std::string text, const std::string& class_name) {
  const std::size_t at = text.find(kClassName);
  return at == std::string::npos ? text
                                 : text.replace(at, std::string(kClassName).size(), class_name);
}

/// The mean of the unit vectors of a class's templates, of unit length again.
Result<EmbeddingMatrix> encode_classes(const Encoder& encoder,
                                       const std::vector<std::string>& classes,
                                       const std::vector<std::string>& templates, int threads) {
  std::vector<std::string> texts;
  for (const std::string& name : classes) {
    for (const std::string& text : templates) texts.push_back(filled(text, name));
  }
  CLIPPATH_TRY(const EmbeddingMatrix all, encode_all(encoder, texts, threads));
  EmbeddingMatrix means = EmbeddingMatrix::zeros(classes.size(), all.dimension);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto mean = means.row(i / templates.size());
    for (std::size_t d = 0; d < all.dimension; ++d) mean[d] += all.row(i)[d];
  }
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (!normalize(means.row(i))) {
      return fail(ErrorKind::kInternal, "class '" + classes[i] + "': its texts have no direction");
    }
  }
  return means;
}

constexpr std::size_t kFolds = 5;
// Queries times labels; five fits of that size take some fifteen seconds.
constexpr std::size_t kMostToLearnInTurns = 50'000;

bool can_learn_in_turns(const EvaluationSet& set, std::size_t labels) {
  return set.queries.size() >= kFolds && set.queries.size() * labels <= kMostToLearnInTurns;
}

/// What the colours say about labels, one for each patch of the set; `count` and above is none. No
/// rows where there is nothing to learn from.
ScoreMatrix scores_by_colour(const EvalMaterial& material, const std::vector<std::size_t>& labels,
                             std::size_t count) {
  const EvaluationSet& set = material.set;
  if (count == 0) return {};
  if (set.training.empty()) {
    if (!can_learn_in_turns(set, count)) return {};
    return cross_fit_and_score(material.colours, labels, count, set.queries, kFolds)
        .value_or(ScoreMatrix{});
  }
  std::vector<std::size_t> learnt;
  std::ranges::copy_if(set.training, std::back_inserter(learnt),
                       [&](std::size_t row) { return labels[row] < count; });
  if (learnt.empty()) return {};
  return fit_and_score(material.colours, learnt, labels, count, set.queries);
}

}  // namespace

Result<EvalScores> model_scores(const EvalMaterial& material,
                                const std::vector<std::string>& classes,
                                const std::vector<std::string>& templates, int threads) {
  const EvaluationSet& set = material.set;
  EvalScores scores;
  if (!set.captions.empty()) {
    CLIPPATH_TRY(const auto captions, encode_all(*material.encoder, set.captions, threads));
    scores.captions = cosines(material.images, set.queries, captions);
  }
  if (!classes.empty()) {
    CLIPPATH_TRY(const auto vectors,
                 encode_classes(*material.encoder, classes, templates, threads));
    scores.classes = cosines(material.images, set.queries, vectors);
  }
  return scores;
}

EvalScores colour_scores(const EvalMaterial& material, const std::vector<std::string>& classes) {
  const EvaluationSet& set = material.set;
  std::vector<std::size_t> captions;
  std::vector<std::size_t> class_numbers;
  for (const EvaluationPatch& patch : set.patches) {
    captions.push_back(patch.caption);
    const auto found = std::find(classes.begin(), classes.end(), patch.class_name);
    class_numbers.push_back(static_cast<std::size_t>(found - classes.begin()));
  }
  return {scores_by_colour(material, captions, set.captions.size()),
          scores_by_colour(material, class_numbers, classes.size())};
}

}  // namespace clippath::cli
