// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clippath/evaluation.h"
#include "core/json/json.h"

namespace clippath {

/// A figure of the model and the same one of the colours alone.
struct ReportedFigure {
  Figure model;
  std::optional<Figure> colours;
};

/// All figures of one run.
struct EvaluationReport {
  std::string model;     ///< name
  std::string model_id;  ///< hash of the model's files; "scores" for a table of scores
  std::string pairs_id;  ///< pairs_id_of the set
  std::string data;      ///< where the set came from, for people
  EvaluationOptions options;
  std::vector<ReportedFigure> figures;
  std::vector<std::string> notes;  ///< what was not measured, and why
};

/// SHA-256, in hex, over the captions, patches and lists of a set: equal for the same question.
std::string pairs_id_of(const EvaluationSet& set);

/// Puts the figures of the colours beside those of the model that have their name.
std::vector<ReportedFigure> beside(std::vector<Figure> model, std::vector<Figure> colours);

/// With the value of every query, so that compare_reports can pair them
/// (docs/evaluation.md describes the fields).
Json to_json(const EvaluationReport& report);
/// Fails: kInvalidArgument naming the field.
Result<EvaluationReport> report_from_json(const Json& json);
/// A table for people.
std::string to_markdown(const EvaluationReport& report);

/// One figure of two models.
struct Comparison {
  std::string name;  ///< name_of the figure
  std::size_t n = 0;
  double first = 0;
  double second = 0;
  double difference = 0;  ///< second - first
  Interval interval;      ///< of the difference, query by query, cases resampled
};

/// The figures that both reports have, with the same candidates and a value of each query.
/// Fails: kFailedPrecondition unless both asked the same of the same pairs with the same seed and
/// rule of equal votes.
Result<std::vector<Comparison>> compare_reports(const EvaluationReport& first,
                                                const EvaluationReport& second);
Json to_json(const std::vector<Comparison>& comparisons);
std::string to_markdown(const std::vector<Comparison>& comparisons, const std::string& first,
                        const std::string& second);

}  // namespace clippath
