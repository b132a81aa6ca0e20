// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "clippath/core/check.h"
#include "clippath/evaluation.h"
#include "server/eval/figure_maker.h"
#include "server/eval/random_draw.h"

namespace clippath {
namespace {

constexpr std::array<std::size_t, 2> kTopOfFifty = {1, 5};
constexpr std::array<std::size_t, 3> kRecallAt = {1, 5, 10};

std::string at(const char* metric, std::size_t k) { return metric + std::to_string(k); }

Measure hit_within(std::size_t k) {
  return [k](const RankedRow& row, TieRule ties) { return row.hit_at(k, ties); };
}

/// What a patch may be offered: texts, and which of them is its own.
struct Offer {
  std::vector<std::size_t> captions;      ///< text of each candidate
  std::vector<std::size_t> own_of_patch;  ///< candidate of each patch
};

Offer offer_by_string(const EvaluationSet& set) {
  Offer offer;
  offer.captions.resize(set.captions.size());
  std::iota(offer.captions.begin(), offer.captions.end(), std::size_t{0});
  for (const EvaluationPatch& patch : set.patches) offer.own_of_patch.push_back(patch.caption);
  return offer;
}

Offer offer_by_index(const EvaluationSet& set) {
  std::map<std::pair<std::string, std::size_t>, std::size_t> entries;
  Offer offer;
  for (const EvaluationPatch& patch : set.patches) {
    const auto [entry, added] =
        entries.emplace(std::pair(patch.case_id, patch.caption), offer.captions.size());
    if (added) offer.captions.push_back(patch.caption);
    offer.own_of_patch.push_back(entry->second);
  }
  return offer;
}

/// Own candidate first, then others by chance.
std::vector<std::size_t> draw_pool(const Offer& offer, std::size_t own, std::size_t count,
                                   RandomDraw& random) {
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < offer.captions.size(); ++i) {
    if (i != own) others.push_back(i);
  }
  const std::size_t wanted = std::min(count - 1, others.size());
  random.draw_to_front(others, wanted);
  std::vector<std::size_t> pool = {own};
  pool.insert(pool.end(), others.begin(), others.begin() + static_cast<std::ptrdiff_t>(wanted));
  return pool;
}

/// Standard deviation over the draws of their means.
double deviation(const std::vector<double>& means) {
  if (means.size() < 2) return 0;
  const double mean = mean_of(means);
  double squares = 0;
  for (const double value : means) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(means.size() - 1));
}

/// Values of every draw and query for one k.
struct Drawn {
  std::vector<QueryValue> of_query;  ///< sum over the draws, then their mean
  std::vector<double> of_draw;       ///< mean over the queries
};

class FiftyCaptions {
 public:
  FiftyCaptions(const EvaluationSet& set, const ScoreMatrix& scores,
                const EvaluationOptions& options)
      : set_(set), scores_(scores), options_(options) {}

  Result<void> append(const Offer& offer, const std::string& by, std::vector<Figure>& figures) {
    std::array<Drawn, kTopOfFifty.size()> drawn;
    for (Drawn& one : drawn) one.of_query.resize(set_.queries.size(), {0, 0, 0, 0});
    for (std::size_t draw = 0; draw < options_.candidate_draws; ++draw) {
      CLIPPATH_TRY_VOID(one_draw(offer, draw, drawn));
    }
    for (Drawn& one : drawn) divide(one.of_query);
    const std::size_t size = std::min(options_.candidates, offer.captions.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      FigureMaker maker({"clippath50", at("hit@", kTopOfFifty[i]), by, kTopOfFifty[i], "none",
                         "own caption and " + std::to_string(size - 1) + " of " +
                             std::to_string(offer.captions.size() - 1) + " others, " +
                             std::to_string(options_.candidate_draws) + " draws"});
      for (std::size_t row = 0; row < set_.queries.size(); ++row) {
        maker.add(set_.queries[row], drawn[i].of_query[row]);
      }
      figures.push_back(maker.finish(set_, options_.bootstrap));
      figures.back().draw_deviation = deviation(drawn[i].of_draw);
    }
    return {};
  }

 private:
  /// Sums to means, by one division: a sum of shares can end above 1.
  void divide(std::vector<QueryValue>& sums) const {
    const auto draws = static_cast<double>(options_.candidate_draws);
    for (QueryValue& value : sums) {
      value.optimistic /= draws;
      value.pessimistic /= draws;
      value.expected /= draws;
      value.chance = *value.chance / draws;
    }
  }

  /// Adds one draw's values to the queries' sums.
  Result<void> one_draw(const Offer& offer, std::size_t draw,
                        std::array<Drawn, kTopOfFifty.size()>& drawn) {
    RandomDraw random(options_.seed + draw);
    for (Drawn& one : drawn) one.of_draw.push_back(0);
    for (std::size_t row = 0; row < set_.queries.size(); ++row) {
      const auto pool =
          draw_pool(offer, offer.own_of_patch[set_.queries[row]], options_.candidates, random);
      std::vector<double> offered;
      for (const std::size_t candidate : pool) {
        offered.push_back(scores_.row(row)[offer.captions[candidate]]);
      }
      std::vector<bool> positive(pool.size(), false);
      positive.front() = true;
      CLIPPATH_TRY(const RankedRow ranked, RankedRow::make(offered, positive));
      const RankedRow all_equal = all_equal_row(positive);
      for (std::size_t i = 0; i < drawn.size(); ++i) {
        const QueryValue value = measure_row(ranked, all_equal, hit_within(kTopOfFifty[i]));
        QueryValue& sum = drawn[i].of_query[row];
        sum.optimistic += value.optimistic;
        sum.pessimistic += value.pessimistic;
        sum.expected += value.expected;
        sum.chance = *sum.chance + *value.chance;
        drawn[i].of_draw.back() += value.pessimistic / static_cast<double>(set_.queries.size());
      }
    }
    return {};
  }

  const EvaluationSet& set_;
  const ScoreMatrix& scores_;
  const EvaluationOptions& options_;
};

/// Figures of one direction of `clip_benchmark`: recall@k as that benchmark names it (a hit), and
/// mrr.
class Direction {
 public:
  Direction(Asked asked, const std::string& by, const std::string& pool) {
    for (const std::size_t k : kRecallAt) {
      makers_.emplace_back(Figure{"clip_benchmark", at("recall@", k), by, k, "none", pool, asked});
      measures_.push_back(hit_within(k));
    }
    makers_.emplace_back(Figure{"clip_benchmark", "mrr", by, 0, "none", pool, asked});
    measures_.emplace_back(
        [](const RankedRow& row, TieRule ties) { return row.reciprocal_rank(ties); });
  }

  Result<void> add(std::size_t query, std::span<const double> scores,
                   const std::vector<bool>& positive) {
    CLIPPATH_TRY(const RankedRow ranked, RankedRow::make(scores, positive));
    const RankedRow all_equal = all_equal_row(positive);
    for (std::size_t i = 0; i < makers_.size(); ++i) {
      makers_[i].add(query, measure_row(ranked, all_equal, measures_[i]));
    }
    return {};
  }

  void finish(const EvaluationSet& set, const Bootstrap& bootstrap, std::vector<Figure>& figures) {
    for (FigureMaker& maker : makers_) figures.push_back(maker.finish(set, bootstrap));
  }

 private:
  std::vector<FigureMaker> makers_;
  std::vector<Measure> measures_;
};

std::vector<bool> own_caption(const EvaluationSet& set, std::size_t query) {
  std::vector<bool> positive(set.captions.size(), false);
  positive[set.patches[query].caption] = true;
  return positive;
}

Result<void> append_all_captions(const EvaluationSet& set, const ScoreMatrix& scores,
                                 const EvaluationOptions& options, std::vector<Figure>& figures) {
  Direction direction(Asked::kPatch, "image to text",
                      "all " + std::to_string(set.captions.size()) + " captions");
  for (std::size_t row = 0; row < set.queries.size(); ++row) {
    CLIPPATH_TRY_VOID(
        direction.add(set.queries[row], scores.row(row), own_caption(set, set.queries[row])));
  }
  direction.finish(set, options.bootstrap, figures);
  return {};
}

Result<void> append_all_patches(const EvaluationSet& set, const ScoreMatrix& scores,
                                const EvaluationOptions& options, std::vector<Figure>& figures) {
  Direction direction(Asked::kCaption, "text to image",
                      "the " + std::to_string(set.queries.size()) + " patches asked about");
  std::set<std::size_t> asking;
  for (const std::size_t query : set.queries) asking.insert(set.patches[query].caption);
  for (const std::size_t caption : asking) {
    std::vector<bool> positive;
    for (const std::size_t query : set.queries) {
      positive.push_back(set.patches[query].caption == caption);
    }
    CLIPPATH_TRY_VOID(direction.add(caption, scores.column(caption), positive));
  }
  direction.finish(set, options.bootstrap, figures);
  return {};
}

}  // namespace

std::vector<double> ScoreMatrix::column(std::size_t i) const {
  std::vector<double> result;
  for (std::size_t row = 0; row < rows; ++row) result.push_back(values[row * columns + i]);
  return result;
}

ScoreMatrix cosines(const EmbeddingMatrix& vectors, std::span<const std::size_t> rows,
                    const EmbeddingMatrix& others) {
  CLIPPATH_CHECK(vectors.dimension == others.dimension);
  ScoreMatrix scores{rows.size(), others.rows, {}};
  scores.values.reserve(rows.size() * others.rows);
  for (const std::size_t row : rows) {
    const auto vector = vectors.row(row);
    for (std::size_t other = 0; other < others.rows; ++other) {
      const auto second = others.row(other);
      double sum = 0;
      for (std::size_t i = 0; i < vector.size(); ++i) {
        sum += static_cast<double>(vector[i]) * static_cast<double>(second[i]);
      }
      scores.values.push_back(sum);
    }
  }
  return scores;
}

Result<std::vector<Figure>> evaluate_captions(const EvaluationSet& set, const ScoreMatrix& scores,
                                              const EvaluationOptions& options) {
  if (set.queries.empty() || set.captions.empty()) {
    return fail(ErrorKind::kInvalidArgument, "no patch with a caption to ask about");
  }
  CLIPPATH_CHECK(scores.rows == set.queries.size() && scores.columns == set.captions.size());
  CLIPPATH_CHECK(options.candidates > 0 && options.candidate_draws > 0);
  std::vector<Figure> figures;
  FiftyCaptions fifty(set, scores, options);
  CLIPPATH_TRY_VOID(fifty.append(offer_by_string(set), "string", figures));
  CLIPPATH_TRY_VOID(fifty.append(offer_by_index(set), "index", figures));
  CLIPPATH_TRY_VOID(append_all_captions(set, scores, options, figures));
  CLIPPATH_TRY_VOID(append_all_patches(set, scores, options, figures));
  return figures;
}

std::vector<double> recall_curve(const EvaluationSet& set, const ScoreMatrix& scores,
                                 std::size_t up_to) {
  std::vector<double> curve(up_to, 0);
  for (std::size_t row = 0; row < set.queries.size(); ++row) {
    const auto ranked = RankedRow::make(scores.row(row), own_caption(set, set.queries[row]));
    CLIPPATH_CHECK(ranked.has_value());
    for (std::size_t k = 1; k <= up_to; ++k) {
      curve[k - 1] +=
          ranked->hit_at(k, TieRule::kPessimistic) / static_cast<double>(set.queries.size());
    }
  }
  return curve;
}

}  // namespace clippath
