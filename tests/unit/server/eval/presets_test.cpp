// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "clippath/evaluation.h"

namespace clippath {
namespace {

/// Twelve patches of six cases at two sites; cases 0 and 1 have one caption between them.
EvaluationSet small_set() {
  EvaluationSet set;
  set.captions = {"ductal", "lobular", "mucinous", "tubular", "papillary"};
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t case_number = i / 2;
    set.patches.push_back({"patch" + std::to_string(i), case_number == 0 ? 0 : case_number - 1,
                           "slide" + std::to_string(i / 2), "case" + std::to_string(case_number),
                           case_number < 3 ? "north" : "south",
                           case_number % 2 == 0 ? "benign" : "malignant"});
    set.queries.push_back(i);
    set.gallery.push_back(i);
  }
  return set;
}

const Figure& figure_named(const std::vector<Figure>& figures, const std::string& name) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const Figure& figure) { return name_of(figure) == name; });
  EXPECT_NE(found, figures.end()) << name;
  return *found;
}

bool has(const std::vector<Figure>& figures, const std::string& name) {
  return std::any_of(figures.begin(), figures.end(),
                     [&](const Figure& figure) { return name_of(figure) == name; });
}

/// Every patch scores its own caption 1 and all others 0.
ScoreMatrix perfect_scores(const EvaluationSet& set) {
  ScoreMatrix scores{set.queries.size(), set.captions.size(), {}};
  scores.values.assign(scores.rows * scores.columns, 0);
  for (std::size_t row = 0; row < scores.rows; ++row) {
    scores.values[row * scores.columns + set.patches[set.queries[row]].caption] = 1;
  }
  return scores;
}

EmbeddingMatrix random_vectors(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(rows, 8);
  for (float& value : vectors.values) value = static_cast<float>(random() % 2001) - 1000.0F;
  for (std::size_t i = 0; i < rows; ++i) EXPECT_TRUE(normalize(vectors.row(i)));
  return vectors;
}

TEST(CaptionPresets, TheSameWordsOfAnotherCaseAreWrongByIndexOnly) {
  const EvaluationSet set = small_set();
  const auto figures = evaluate_captions(set, perfect_scores(set), {});
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_EQ(figure_named(*figures, "clippath50 hit@1 string none").value, 1);
  const Figure& by_index = figure_named(*figures, "clippath50 hit@1 index none");
  // Cases 0 and 1, a third of the patches, meet their own words once more.
  EXPECT_NEAR(by_index.value, 8.0 / 12, 1e-12);
  EXPECT_NEAR(by_index.expected_ties, 10.0 / 12, 1e-12);
  EXPECT_NEAR(by_index.chance.value_or(0), 1.0 / 6, 1e-12);
  EXPECT_EQ(figure_named(*figures, "clippath50 hit@5 index none").value, 1);
}

TEST(CaptionPresets, AMeanOverDrawsNeverEndsAboveOne) {
  const EvaluationSet set = small_set();
  for (const std::size_t draws : {9, 11, 18, 50}) {  // as many shares add up to more
    EvaluationOptions options;
    options.candidate_draws = draws;
    const auto figures = evaluate_captions(set, perfect_scores(set), options);
    ASSERT_TRUE(figures) << figures.error().message;
    for (const Figure& figure : *figures) {
      EXPECT_LE(figure.value, 1) << name_of(figure);
      EXPECT_LE(figure.chance.value_or(0), 1) << name_of(figure);
    }
  }
}

TEST(CaptionPresets, OneScoreForAllIsChanceAndNoHitInTheWorstOrder) {
  const EvaluationSet set = small_set();
  ScoreMatrix scores = perfect_scores(set);
  std::fill(scores.values.begin(), scores.values.end(), 0.5);
  const auto figures = evaluate_captions(set, scores, {});
  ASSERT_TRUE(figures);
  for (const Figure& figure : *figures) {
    ASSERT_TRUE(figure.chance) << name_of(figure);
    EXPECT_NEAR(figure.expected_ties, *figure.chance, 1e-12) << name_of(figure);
    if (figure.k == 1) {
      EXPECT_EQ(figure.value, 0) << name_of(figure);
    }
  }
}

TEST(CaptionPresets, AsksBothWays) {
  const EvaluationSet set = small_set();
  ScoreMatrix scores = perfect_scores(set);
  // The first patch of the last caption looks most like every caption.
  for (std::size_t caption = 0; caption < set.captions.size(); ++caption) {
    scores.values[10 * scores.columns + caption] = 2;
  }
  const auto figures = evaluate_captions(set, scores, {});
  ASSERT_TRUE(figures);
  const Figure& to_text = figure_named(*figures, "clip_benchmark recall@1 image to text none");
  EXPECT_NEAR(to_text.value, 11.0 / 12, 1e-12);
  const Figure& to_image = figure_named(*figures, "clip_benchmark recall@1 text to image none");
  EXPECT_EQ(to_image.queries.size(), 5U);
  EXPECT_NEAR(to_image.value, 1.0 / 5, 1e-12);
}

TEST(CaptionPresets, DrawsTheNumberOfCandidatesAskedFor) {
  const EvaluationSet set = small_set();
  ScoreMatrix scores = perfect_scores(set);
  std::fill(scores.values.begin(), scores.values.end(), 0.5);
  EvaluationOptions options;
  options.candidates = 3;
  const auto figures = evaluate_captions(set, scores, options);
  ASSERT_TRUE(figures);
  EXPECT_NEAR(*figure_named(*figures, "clippath50 hit@1 string none").chance, 1.0 / 3, 1e-12);
}

TEST(CaptionPresets, DrawsRepeatThemselvesWithTheirSeedOnly) {
  const EvaluationSet set = small_set();
  const ScoreMatrix scores = cosines(random_vectors(12, 1), set.queries, random_vectors(5, 2));
  EvaluationOptions options;
  options.candidates = 2;
  const auto first = evaluate_captions(set, scores, options);
  const auto again = evaluate_captions(set, scores, options);
  options.seed = 100;
  const auto other = evaluate_captions(set, scores, options);
  ASSERT_TRUE(first && again && other);
  EXPECT_EQ(first->front().values, again->front().values);
  EXPECT_NE(first->front().values, other->front().values);
}

TEST(CaptionPresets, RefuseWhatIsNotANumber) {
  const EvaluationSet set = small_set();
  ScoreMatrix scores = perfect_scores(set);
  scores.values[3] = std::nan("");
  EXPECT_FALSE(evaluate_captions(set, scores, {}));
}

TEST(NeighbourPresets, LeaveOutWhatTheySay) {
  const EvaluationSet set = small_set();
  // Both patches of a slide have one vector, different from those of all other slides.
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(12, 6);
  for (std::size_t i = 0; i < 12; ++i) vectors.row(i)[i / 2] = 1;
  const auto figures = evaluate_neighbours(set, vectors, {});
  ASSERT_TRUE(figures) << figures.error().message;
  EXPECT_EQ(figure_named(*figures, "patch_to_patch hit@1 caption tile").value, 1);
  const Figure& other_slide = figure_named(*figures, "patch_to_patch hit@1 caption slide");
  EXPECT_EQ(other_slide.queries, (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(other_slide.value, 0);
  // Two of ten other patches are right, and all scores are equal.
  EXPECT_NEAR(other_slide.expected_ties, 0.2, 1e-12);
  EXPECT_NEAR(figure_named(*figures, "bias same_slide@5 slide tile").value, 0.2, 1e-12);
  EXPECT_NEAR(*figure_named(*figures, "bias same_slide@5 slide tile").chance, 1.0 / 11, 1e-12);
}

TEST(NeighbourPresets, AsManyVoteAsAskedAndEqualVotesGoByTheRule) {
  // The query's five neighbours, nearest first: ovary, lung, lung, ovary, skin. The query is a
  // lung.
  EvaluationSet set;
  set.captions = {"any"};
  const std::vector<std::string> classes = {"lung", "ovary", "lung", "lung", "ovary", "skin"};
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(classes.size(), 2);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const std::string number = std::to_string(i);
    set.patches.push_back({"patch" + number, 0, "slide" + number, "case" + number, "", classes[i]});
    set.gallery.push_back(i);
    vectors.row(i)[0] = std::cos(0.1F * static_cast<float>(i));
    vectors.row(i)[1] = std::sin(0.1F * static_cast<float>(i));
  }
  set.queries = {0};
  const auto vote = [&](VoteTie rule) {
    EvaluationOptions options;
    options.vote_ties = rule;
    const auto figures = evaluate_neighbours(set, vectors, options);
    return figures ? figure_named(*figures, "patch_to_patch mmv@5 class case").value : -1;
  };
  EXPECT_EQ(vote(VoteTie::kFirstSeen), 0);
  EXPECT_EQ(vote(VoteTie::kLowestId), 1);
  EXPECT_EQ(vote(VoteTie::kSharedCredit), 0.5);
  EvaluationOptions options;
  options.votes = {1, 3};
  const auto figures = evaluate_neighbours(set, vectors, options);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figure_named(*figures, "patch_to_patch mmv@1 class case").value, 0);
  EXPECT_EQ(figure_named(*figures, "patch_to_patch mmv@3 class case").value, 1);
  EXPECT_FALSE(has(*figures, "patch_to_patch mmv@5 class case"));
}

TEST(NeighbourPresets, NameThePatchWhoseVotesCannotBeCounted) {
  EvaluationSet set;
  set.captions = {"any"};
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(40, 2);
  for (std::size_t i = 0; i < vectors.rows; ++i) {
    const std::string number = std::to_string(i);
    set.patches.push_back({"patch" + number, 0, "slide" + number, "case" + number, "",
                           "class" + std::to_string(i / 2)});
    set.gallery.push_back(i);
    vectors.row(i)[0] = 1;
  }
  set.queries = {7};
  const auto figures = evaluate_neighbours(set, vectors, {});
  ASSERT_FALSE(figures);
  EXPECT_EQ(figures.error().message.rfind("patch patch7: votes: ", 0), 0U)
      << figures.error().message;
}

TEST(NeighbourPresets, WithoutSitesMeasureNoSite) {
  EvaluationSet set = small_set();
  for (EvaluationPatch& patch : set.patches) patch.site.clear();
  const auto figures = evaluate_neighbours(set, random_vectors(12, 3), {});
  ASSERT_TRUE(figures);
  EXPECT_FALSE(has(*figures, "bias same_site@5 site case"));
  EXPECT_FALSE(has(*figures, "patch_to_patch hit@1 class site"));
  EXPECT_TRUE(has(*figures, "patch_to_patch hit@1 class case"));
}

TEST(NeighbourPresets, WithoutCaptionsMeasureTheRest) {
  EvaluationSet set = small_set();
  set.captions.clear();
  const auto figures = evaluate_neighbours(set, random_vectors(12, 3), {});
  ASSERT_TRUE(figures);
  EXPECT_FALSE(has(*figures, "patch_to_patch hit@1 caption tile"));
  EXPECT_TRUE(has(*figures, "patch_to_patch hit@1 class tile"));
  EXPECT_TRUE(has(*figures, "bias same_slide@5 slide tile"));
}

TEST(ClassPreset, BalancedAccuracyCountsClassesAlike) {
  EvaluationSet set = small_set();
  for (std::size_t i = 0; i < 9; ++i) set.patches[i].class_name = "benign";
  for (std::size_t i = 9; i < 12; ++i) set.patches[i].class_name = "malignant";
  const auto classes = classes_of(set);
  ASSERT_EQ(classes, (std::vector<std::string>{"benign", "malignant"}));
  ScoreMatrix scores{12, 2, {}};
  for (std::size_t i = 0; i < 12; ++i) scores.values.insert(scores.values.end(), {1, 0});
  const auto figures = evaluate_classes(set, classes, scores, {});
  ASSERT_TRUE(figures);
  EXPECT_DOUBLE_EQ(figure_named(*figures, "zero_shot accuracy class none").value, 0.75);
  EXPECT_DOUBLE_EQ(figure_named(*figures, "zero_shot balanced_accuracy class none").value, 0.5);
}

/// Queries of the classes given, in cases of two.
EvaluationSet set_of_classes(const std::vector<std::string>& classes) {
  EvaluationSet set;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    set.patches.push_back(
        {"patch" + std::to_string(i), 0, "", "case" + std::to_string(i / 2), "", classes[i]});
    set.queries.push_back(i);
  }
  return set;
}

// Reference: scikit-learn 1.9.1, f1_score(average="weighted") and roc_auc_score(multi_class="ovo",
// average="macro") of the scores as probabilities; some are equal within a column.
TEST(ClassPreset, F1AndAurocAreThoseOfScikitLearn) {
  EvaluationSet set =
      set_of_classes({"a", "a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "c", ""});
  const ScoreMatrix scores{
      13, 3, {19, 12, 1,  14, 5,  13, 20, 6, 6,  15, 1,  16, 16, 6, 10, 15, 13, 4, 1, 19,
              12, 5,  20, 7,  10, 19, 3,  6, 19, 7,  13, 4,  15, 7, 18, 7,  0,  0, 0}};
  const auto figures = evaluate_classes(set, {"a", "b", "c"}, scores, {});
  ASSERT_TRUE(figures);
  const Figure& f1 = figure_named(*figures, "zero_shot weighted_f1 class none");
  EXPECT_NEAR(f1.value, 0.6555555555555556, 1e-12);
  EXPECT_NEAR(f1.expected_ties, f1.value, 1e-12);
  const Figure& auroc = figure_named(*figures, "zero_shot auroc class none");
  EXPECT_NEAR(auroc.expected_ties, 0.8263888888888888, 1e-12);
  EXPECT_LT(auroc.value, auroc.expected_ties);
  EXPECT_NEAR(auroc.value + auroc.optimistic_ties, 2 * auroc.expected_ties, 1e-12);
  for (const Figure& figure : {f1, auroc}) {
    EXPECT_EQ(figure.queries.size(), 12U);
    EXPECT_LT(figure.interval.low, figure.value);
    EXPECT_GT(figure.interval.high, figure.value);
  }
  // A class without a query is a candidate, but no class to tell apart.
  ScoreMatrix more{13, 4, {}};
  for (std::size_t row = 0; row < 13; ++row) {
    const auto of_row = scores.row(row);
    more.values.insert(more.values.end(), of_row.begin(), of_row.end());
    more.values.push_back(-1);
  }
  const auto with_more = evaluate_classes(set, {"a", "b", "c", "d"}, more, {});
  ASSERT_TRUE(with_more);
  EXPECT_EQ(figure_named(*with_more, "zero_shot auroc class none").value, auroc.value);
}

TEST(ClassPreset, OfEqualScoresF1AndAurocAreChance) {
  const EvaluationSet set = set_of_classes({"a", "a", "a", "b"});
  const ScoreMatrix scores{4, 2, std::vector<double>(8, 0.5)};
  const auto figures = evaluate_classes(set, {"a", "b"}, scores, {});
  ASSERT_TRUE(figures);
  const Figure& f1 = figure_named(*figures, "zero_shot weighted_f1 class none");
  // Half of the queries are said to be of either class: 3/4 * 3/5 + 1/4 * 1/3.
  EXPECT_NEAR(f1.expected_ties, 8.0 / 15, 1e-12);
  EXPECT_NEAR(f1.chance.value_or(0), 8.0 / 15, 1e-12);
  const Figure& auroc = figure_named(*figures, "zero_shot auroc class none");
  EXPECT_EQ(auroc.expected_ties, 0.5);
  EXPECT_EQ(auroc.chance, 0.5);
  for (const Figure& figure : {f1, auroc}) {
    EXPECT_EQ(figure.value, 0);
    EXPECT_EQ(figure.optimistic_ties, 1);
  }
}

TEST(ClassPreset, OneClassHasNoAuroc) {
  const EvaluationSet set = set_of_classes({"a", "a"});
  const auto figures = evaluate_classes(set, {"a", "b"}, {2, 2, {1, 0, 1, 0}}, {});
  ASSERT_TRUE(figures);
  EXPECT_FALSE(has(*figures, "zero_shot auroc class none"));
  EXPECT_EQ(figure_named(*figures, "zero_shot weighted_f1 class none").value, 1);
}

TEST(RecallCurve, RisesToOne) {
  const EvaluationSet set = small_set();
  const auto curve =
      recall_curve(set, cosines(random_vectors(12, 1), set.queries, random_vectors(5, 2)), 5);
  EXPECT_TRUE(std::is_sorted(curve.begin(), curve.end()));
  EXPECT_NEAR(curve.back(), 1, 1e-12);
}

}  // namespace
}  // namespace clippath
