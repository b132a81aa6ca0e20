// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "clippath/metrics.h"

namespace clippath {

/// A patch and what is known of it. Empty where it is not known.
struct EvaluationPatch {
  std::string id;           ///< a file or a patch id, unique
  std::size_t caption = 0;  ///< index into EvaluationSet::captions, if there are any
  std::string slide;
  std::string case_id;
  std::string site;
  std::string class_name;
};

/// A patch as a table or a data folder names it.
struct LabelledPatch {
  EvaluationPatch patch;  ///< its caption's index is not used
  std::string caption;    ///< of all patches, or of none
  std::string split;      ///< may be empty
};

/// What a model is asked about. Immutable while it is evaluated.
struct EvaluationSet {
  std::vector<std::string> captions;  ///< distinct texts; none where no patch has one
  std::vector<EvaluationPatch> patches;
  std::vector<std::size_t> queries;   ///< patches that are asked about, rising
  std::vector<std::size_t> gallery;   ///< patches that are found, rising
  std::vector<std::size_t> training;  ///< patches that a baseline may learn from, rising; may be
                                      ///< empty
};

/// Which split does what. Empty: all patches are asked about, are found.
struct EvaluationSplits {
  std::string asked;
  std::string found;
  std::string training;  ///< learnt from, but for patches that are asked about
};

/// Fails: kInvalidArgument for an id twice, a caption of some patches only, or a split to ask about
/// or to find that no patch has, naming those there are.
Result<EvaluationSet> make_evaluation_set(const std::vector<LabelledPatch>& patches,
                                          const EvaluationSplits& splits);

/// Scores `[rows, columns]`, higher is better.
struct ScoreMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;

  [[nodiscard]] std::span<const double> row(std::size_t i) const {
    return {values.data() + i * columns, columns};
  }
  [[nodiscard]] std::vector<double> column(std::size_t i) const;
};

/// Cosines of some rows of unit vectors with all rows of others, summed in double precision.
ScoreMatrix cosines(const EmbeddingMatrix& vectors, std::span<const std::size_t> rows,
                    const EmbeddingMatrix& others);

struct EvaluationOptions {
  Bootstrap bootstrap;
  std::uint64_t seed = 0;                ///< of the candidates that are drawn
  std::size_t candidates = 50;           ///< captions that a patch is offered in clippath50
  std::size_t candidate_draws = 5;       ///< pools a patch; a query's value is the mean over them
  std::vector<std::size_t> votes = {5};  ///< how many neighbours vote in mmv; each at least 1
  VoteTie vote_ties = VoteTie::kFirstSeen;  ///< of mmv; numbers of labels are alphabetical
};

/// Who asks.
enum class Asked { kPatch, kCaption };

/// One figure with all that it stands on.
struct Figure {
  std::string preset;  ///< "clippath50", "clip_benchmark", "patch_to_patch", "zero_shot", "bias"
  std::string metric;  ///< "hit@1", "recall@5", "mmv@5", "map", ...
  std::string by;  ///< what makes an answer right: "string", "index", "caption", "class", "slide"
  std::size_t k = 0;      ///< 0 where there is no cut-off
  std::string leave_out;  ///< what is not offered beside the query: "none", "tile", ...
  std::string pool;       ///< how the candidates came about
  Asked asked = Asked::kPatch;
  std::vector<std::size_t> queries = {};  ///< numbers of the patches or captions that asked
  std::vector<double> values = {};  ///< of each query, TieRule::kPessimistic; none where a figure
                                    ///< is of all queries at once (F1, AUROC)
  std::vector<std::int64_t> cases = {};   ///< of each query, for the interval
  std::vector<std::int64_t> strata = {};  ///< of each query where means are over strata; else empty
  double value = 0;                       ///< mean_of(values, strata), where there are values
  Interval interval = {};                 ///< 95 %, cases resampled
  double optimistic_ties = 0;             ///< the same mean under TieRule::kOptimistic
  double expected_ties = 0;               ///< and under TieRule::kExpected
  std::optional<double> chance = {};      ///< mean if all scores were equal
  std::optional<double> draw_deviation = {};  ///< standard deviation over the draws of candidates
};

/// "clippath50 hit@1 string none": the same in two files for the same question.
std::string name_of(const Figure& figure);

/// `clippath50` (every patch: its own caption and 49 others drawn without replacement) and
/// `clip_benchmark` (every patch against all captions, every caption against all queries).
///
/// By string the candidates are distinct texts. By index they are distinct (case, text) pairs, as
/// one report a case has one caption: another case's caption of the same words is wrong, and its
/// equal score counts against the model.
/// @param scores  `[set.queries, set.captions]`.
/// Fails: kInvalidArgument for a score that is not a number, a set without queries or captions.
Result<std::vector<Figure>> evaluate_captions(const EvaluationSet& set, const ScoreMatrix& scores,
                                              const EvaluationOptions& options);

/// `patch_to_patch`: nearest patches of the gallery, right where they share the query's caption or
/// class, leaving out the query itself, its slide, its case or its site; queries without a right
/// patch are left out. hit@1/3/5 (Acc@k), mmv@5 (or at `votes`; equal votes by `vote_ties`) and
/// map. And `bias`: the share of patches of the same slide, case and site among the first five,
/// which a model should not find by their staining. What is not known (no site) is not measured.
/// @param vectors  `[set.patches, dimension]`, unit rows.
/// Fails: as evaluate_captions; kTooLarge as majority_vote, naming the query.
Result<std::vector<Figure>> evaluate_neighbours(const EvaluationSet& set,
                                                const EmbeddingMatrix& vectors,
                                                const EvaluationOptions& options);

/// The classes of the queries, sorted; patches without one do not ask.
std::vector<std::string> classes_of(const EvaluationSet& set);

/// `zero_shot`: each query's class among all by the highest score; accuracy, balanced accuracy
/// (mean recall over classes) and weighted F1; and AUROC (macro one-vs-one) where at least two
/// classes have a query. Queries with none of the classes do not ask.
/// @param scores  `[set.queries, classes]`, comparable between queries: probabilities, or what
/// rises with them.
Result<std::vector<Figure>> evaluate_classes(const EvaluationSet& set,
                                             const std::vector<std::string>& classes,
                                             const ScoreMatrix& scores,
                                             const EvaluationOptions& options);

/// Share of the queries whose caption is among the first k of all, for k = 1 .. up_to; pessimistic.
/// Requires: scores that evaluate_captions has taken.
std::vector<double> recall_curve(const EvaluationSet& set, const ScoreMatrix& scores,
                                 std::size_t up_to);

}  // namespace clippath
