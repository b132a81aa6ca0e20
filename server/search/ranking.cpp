// SPDX-License-Identifier: Apache-2.0
#include "server/search/ranking.h"

#include <algorithm>
#include <unordered_map>

namespace clippath {
namespace {

constexpr double kFusionOffset = 60;

void sort_best_first(Ranking& ranking) {
  std::sort(ranking.begin(), ranking.end(), [](const Candidate& a, const Candidate& b) {
    return a.hit.similarity != b.hit.similarity ? a.hit.similarity > b.hit.similarity
                                                : a.hit.row < b.hit.row;
  });
}

struct FusedRow {
  Candidate candidate;
  double score = 0;
  std::size_t best_rank = 0;
};

void add_leg(std::unordered_map<std::int64_t, FusedRow>& rows, const Ranking& leg,
             const std::string& name) {
  for (std::size_t i = 0; i < leg.size(); ++i) {
    const std::size_t rank = i + 1;
    const auto [place, is_new] =
        rows.try_emplace(leg[i].hit.row, FusedRow{{leg[i].hit, name}, 0, rank});
    FusedRow& row = place->second;
    row.score += 1 / (kFusionOffset + static_cast<double>(rank));
    if (is_new) continue;
    row.candidate.via = "both";
    if (rank < row.best_rank) row.candidate.hit.similarity = leg[i].hit.similarity;
  }
}

}  // namespace

Result<Ranking> rank_nearest(const VectorIndex& index, const EmbeddingMatrix& queries,
                             std::int64_t limit, const RowSet& allowed) {
  // The best rows over all vectors are among the best rows of each vector.
  std::unordered_map<std::int64_t, float> best;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    CLIPPATH_TRY(const auto hits, index.search(queries.row(q), limit, &allowed));
    for (const RowHit& hit : hits) {
      const auto [place, is_new] = best.try_emplace(hit.row, hit.similarity);
      if (!is_new) place->second = std::max(place->second, hit.similarity);
    }
  }
  Ranking ranking;
  for (const auto& [row, similarity] : best) ranking.push_back({{row, similarity}, {}});
  sort_best_first(ranking);
  if (ranking.size() > static_cast<std::size_t>(limit))
    ranking.resize(static_cast<std::size_t>(limit));
  return ranking;
}

Result<Ranking> rank_all(const VectorIndex& index, const EmbeddingMatrix& queries,
                         const RowSet& allowed) {
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < allowed.rows(); ++row) {
    if (allowed.contains(row)) rows.push_back(row);
  }
  std::vector<float> best(rows.size(), -2);  // below every cosine
  for (std::size_t q = 0; q < queries.rows; ++q) {
    CLIPPATH_TRY(const auto similarities, index.similarities(queries.row(q), rows));
    for (std::size_t i = 0; i < rows.size(); ++i) best[i] = std::max(best[i], similarities[i]);
  }
  Ranking ranking;
  ranking.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) ranking.push_back({{rows[i], best[i]}, {}});
  sort_best_first(ranking);
  return ranking;
}

Ranking fuse(const Ranking& direct, const Ranking& neighbours) {
  std::unordered_map<std::int64_t, FusedRow> rows;
  add_leg(rows, direct, "direct");
  add_leg(rows, neighbours, "neighbours");
  std::vector<FusedRow> order;
  for (auto& [number, row] : rows) order.push_back(std::move(row));
  std::sort(order.begin(), order.end(), [](const FusedRow& a, const FusedRow& b) {
    return a.score != b.score ? a.score > b.score : a.candidate.hit.row < b.candidate.hit.row;
  });
  Ranking fused;
  for (FusedRow& row : order) fused.push_back(std::move(row.candidate));
  return fused;
}

bool cut_below(Ranking& ranking, const std::optional<double>& least) {
  if (!least) return false;
  return std::erase_if(ranking, [&](const Candidate& candidate) {
           return candidate.hit.similarity < *least;
         }) > 0;
}

}  // namespace clippath
