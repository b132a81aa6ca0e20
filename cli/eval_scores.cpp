// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_scores.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>

#include "cli/in_batches.h"
#include "clippath/colour_baseline.h"
#include "server/classify/read_prompts.h"

namespace clippath::cli {
namespace {

Result<EmbeddingMatrix> encode_all(const Encoder& encoder, const std::vector<std::string>& texts,
                                   int threads) {
  const std::span<const std::string> all = texts;
  return in_batches(vectors_by(encoder, texts.size()), threads,
                    [&](std::size_t begin, std::size_t end) {
                      return encoder.encode_texts(all.subspan(begin, end - begin));
                    });
}

/// `[queries, classes]`, by probability.
Result<ScoreMatrix> class_probabilities(const EvalMaterial& material, const ClassPrompts& prompts) {
  CLIPPATH_TRY(const ClassVectors classes,
               make_class_vectors(prompts, *material.encoder, Deadline::never()));
  const auto scale = static_cast<double>(material.encoder->info().logit_scale);
  ScoreMatrix probabilities{material.set.queries.size(), prompts.classes().size(), {}};
  probabilities.values.resize(probabilities.rows * probabilities.columns);
  for (std::size_t row = 0; row < probabilities.rows; ++row) {
    TopPool one(classes, 1);
    one.add(material.images.row(material.set.queries[row]));
    for (const ClassScore& score : score_classes(prompts, one.similarities(), scale)) {
      probabilities.values[row * probabilities.columns + score.index] = score.probability;
    }
  }
  return probabilities;
}

std::string list_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) {
    text += (i == 0 ? "'" : ", '") + names[i] + "'";
  }
  return names.size() > kShown ? text + ", ..." : text;
}

constexpr std::size_t kFolds = 5;
// Rows times labels of one fit, which then takes some ten seconds.
constexpr std::size_t kMostOfAFit = 160'000;
// A baseline that has hardly met its labels would flatter the model.
constexpr std::size_t kLeastPerLabel = 5;

bool can_learn_in_turns(const EvaluationSet& set, std::size_t labels) {
  const auto drawn = drawn_in_turns(set, labels);
  return set.queries.size() >= kFolds && (!drawn || *drawn >= kLeastPerLabel * labels);
}

/// Labels of the patches of a set; `count` and above is none.
struct PatchLabels {
  std::vector<std::size_t> labels;
  std::vector<std::size_t> groups;  ///< patches that are not learnt from to score each other
  std::size_t count = 0;
};

/// What the colours say about labels. No rows where there is nothing to learn from.
ScoreMatrix scores_by_colour(const EvalMaterial& material, const PatchLabels& of, int threads) {
  const EvaluationSet& set = material.set;
  if (of.count == 0) return {};
  if (set.training.empty()) {
    if (!can_learn_in_turns(set, of.count)) return {};
    const CrossFit turns{kFolds, drawn_in_turns(set, of.count).value_or(0), threads};
    return cross_fit_and_score(material.colours, of.labels, of.groups, of.count, set.queries, turns)
        .value_or(ScoreMatrix{});
  }
  std::vector<std::size_t> learnt;
  std::ranges::copy_if(set.training, std::back_inserter(learnt),
                       [&](std::size_t row) { return of.labels[row] < of.count; });
  if (learnt.empty()) return {};
  return fit_and_score(material.colours, learnt, of.labels, of.count, set.queries);
}

/// Most cases have a caption of their own, which can be learnt from the case alone: every patch is
/// a group.
PatchLabels caption_labels(const EvaluationSet& set) {
  PatchLabels captions{{}, {}, set.captions.size()};
  for (const EvaluationPatch& patch : set.patches) {
    captions.groups.push_back(captions.labels.size());
    captions.labels.push_back(patch.caption);
  }
  return captions;
}

/// The class of a case could be known from its other patches: every case is a group, or the slide
/// where no case is known.
PatchLabels class_labels(const EvaluationSet& set, const std::vector<std::string>& classes) {
  PatchLabels labels{{}, {}, classes.size()};
  std::map<std::string, std::size_t> groups;
  for (const EvaluationPatch& patch : set.patches) {
    const auto found = std::ranges::find(classes, patch.class_name);
    labels.labels.push_back(static_cast<std::size_t>(found - classes.begin()));
    const std::string& group = !patch.case_id.empty() ? patch.case_id : patch.slide;
    labels.groups.push_back(groups.emplace(group, groups.size()).first->second);
  }
  return labels;
}

}  // namespace

Result<ClassPrompts> read_class_words(const ClassWords& words) {
  if (!words.prompts.empty()) return read_class_prompts(words.prompts);
  CLIPPATH_TRY_VOID(check_templates(words.templates, "--template"));
  return ClassPrompts{{{words.templates, {}}}};
}

Result<ClassPrompts> with_classes_of(const EvaluationSet& set, ClassPrompts prompts) {
  const std::vector<std::string> asked = classes_of(set);
  if (prompts.classes().empty()) {
    for (const std::string& name : asked) prompts.ensembles[0].classes.push_back({name, {name}});
    return prompts;
  }
  const std::vector<std::string> prompted = class_names(prompts);
  if (std::ranges::find_first_of(asked, prompted) != asked.end()) return prompts;
  return fail(ErrorKind::kInvalidArgument, "--classify: none of its classes (" + list_of(prompted) +
                                               ") is one of the patches asked about (" +
                                               (asked.empty() ? "they have none" : list_of(asked)) +
                                               ")");
}

std::vector<std::string> class_names(const ClassPrompts& prompts) {
  std::vector<std::string> names;
  for (const PromptClass& one : prompts.classes()) names.push_back(one.name);
  return names;
}

Result<EvalScores> model_scores(const EvalMaterial& material, const ClassPrompts& prompts,
                                int threads) {
  const EvaluationSet& set = material.set;
  EvalScores scores;
  if (!set.captions.empty()) {
    CLIPPATH_TRY(const auto captions, encode_all(*material.encoder, set.captions, threads));
    scores.captions = cosines(material.images, set.queries, captions);
  }
  if (!prompts.classes().empty()) {
    CLIPPATH_TRY(scores.classes, class_probabilities(material, prompts));
  }
  return scores;
}

EvalScores colour_scores(const EvalMaterial& material, const std::vector<std::string>& classes,
                         int threads) {
  return {scores_by_colour(material, caption_labels(material.set), threads),
          scores_by_colour(material, class_labels(material.set, classes), threads)};
}

std::optional<std::size_t> drawn_in_turns(const EvaluationSet& set, std::size_t labels) {
  const std::size_t most = kMostOfAFit / labels;
  const std::size_t all = set.queries.size() - set.queries.size() / kFolds;
  return all > most ? std::optional(most) : std::nullopt;
}

}  // namespace clippath::cli
