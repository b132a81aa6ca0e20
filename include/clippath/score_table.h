// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/evaluation.h"

namespace clippath {

/// Scores that another program computed.
struct ScoreTable {
  std::vector<std::string> queries;     ///< a row each
  std::vector<std::string> candidates;  ///< a column each
  ScoreMatrix scores;
};

/// Reads `.npy` (version 1.0, `[queries, candidates]`, little-endian float32 or float64, C order;
/// names are 0, 1, 2 ...) or else CSV: a first column of names of queries, then one column a
/// candidate.
/// Fails: kNotFound; kTooLarge over 4 GiB; kUnsupported for another kind of array; kInvalidArgument
/// naming line and column for what is not a number, or a query twice.
Result<ScoreTable> read_score_table(const std::filesystem::path& path);

/// What is right, query by query.
struct Relevance {
  std::vector<std::vector<bool>> positive;  ///< `[queries][candidates]`
  std::vector<std::string> cases;           ///< of each query; the query itself where not known
};

/// Reads a CSV with the columns `query` and `candidate`, one row a right answer, and `case` where
/// it is known. Fails: kInvalidArgument naming the line for a name that the scores do not have, or
/// naming a query without a right answer.
Result<Relevance> read_relevance(const std::filesystem::path& path, const ScoreTable& table);

/// Preset "scores": hit@k and recall@k for k = 1, 5, 10, 20, mrr and map under every tie rule.
/// Fails: kInvalidArgument naming the query whose score is not a number.
Result<std::vector<Figure>> evaluate_score_table(const ScoreTable& table,
                                                 const Relevance& relevance,
                                                 const EvaluationOptions& options);

/// SHA-256, in hex, over names, right answers and cases, not over scores.
std::string pairs_id_of(const ScoreTable& table, const Relevance& relevance);

}  // namespace clippath
