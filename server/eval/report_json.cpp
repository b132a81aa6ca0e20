// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "clippath/core/digest.h"
#include "clippath/evaluation_report.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxQueries = 1'000'000;
constexpr std::array kVoteTies = {VoteTie::kFirstSeen, VoteTie::kLowestId, VoteTie::kSharedCredit};
constexpr const char* kFormat = "clippath-evaluation-1";

Json interval_json(const Interval& interval) { return Json::array({interval.low, interval.high}); }

Json figure_json(const Figure& figure) {
  Json json = {{"preset", figure.preset},
               {"metric", figure.metric},
               {"by", figure.by},
               {"k", figure.k},
               {"leave_out", figure.leave_out},
               {"pool", figure.pool},
               {"asked", figure.asked == Asked::kPatch ? "patch" : "caption"},
               {"tie_rule", to_string(TieRule::kPessimistic)},
               {"n", figure.queries.size()},
               {"value", figure.value},
               {"interval", interval_json(figure.interval)},
               {"optimistic_ties", figure.optimistic_ties},
               {"expected_ties", figure.expected_ties}};
  if (figure.chance) json["chance"] = *figure.chance;
  if (figure.draw_deviation) json["draw_deviation"] = *figure.draw_deviation;
  json["queries"] = figure.queries;
  json["values"] = figure.values;
  json["cases"] = figure.cases;
  if (!figure.strata.empty()) json["strata"] = figure.strata;
  return json;
}

template <class T>
std::vector<T> numbers(ObjectReader& reader, const char* key) {
  std::vector<T> result;
  for (const double number : reader.optional_numbers(key, kMaxQueries)) {
    result.push_back(static_cast<T>(number));
  }
  return result;
}

Result<Figure> figure_from(const Json& json, const std::string& path) {
  ObjectReader reader(json, path);
  Figure figure;
  figure.preset = reader.text("preset");
  figure.metric = reader.text("metric");
  figure.by = reader.text("by");
  figure.k = static_cast<std::size_t>(reader.integer("k", 0, 1'000'000));
  figure.leave_out = reader.text("leave_out");
  figure.pool = reader.text("pool");
  figure.asked =
      reader.choice("asked", {"patch", "caption"}, 0) == 0 ? Asked::kPatch : Asked::kCaption;
  reader.choice("tie_rule", {to_string(TieRule::kPessimistic)}, 0);
  const auto n = static_cast<std::size_t>(reader.integer("n", 1, kMaxQueries));
  figure.value = reader.number("value", 0, 1);
  const auto interval = reader.optional_numbers("interval", 2);
  if (interval.size() == 2) {
    figure.interval = {interval[0], interval[1]};
  } else {
    reader.reject("interval", "must be two numbers");
  }
  figure.optimistic_ties = reader.number("optimistic_ties", 0, 1);
  figure.expected_ties = reader.number("expected_ties", 0, 1);
  figure.chance = reader.optional_number("chance", 0, 1);
  figure.draw_deviation = reader.optional_number("draw_deviation", 0, 1);
  figure.queries = numbers<std::size_t>(reader, "queries");
  figure.values = reader.optional_numbers("values", kMaxQueries);
  figure.cases = numbers<std::int64_t>(reader, "cases");
  figure.strata = numbers<std::int64_t>(reader, "strata");
  const auto all_or_none = [n](const auto& list) { return list.empty() || list.size() == n; };
  if (figure.queries.size() != n || !all_or_none(figure.values) || figure.cases.size() != n ||
      !all_or_none(figure.strata)) {
    reader.reject("n", "is " + std::to_string(n) +
                           ", but queries, values, cases or strata are more or fewer");
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return figure;
}

/// Reports from before there was a choice went by the first seen.
VoteTie vote_ties_from(ObjectReader& reader) {
  std::vector<std::string_view> words;
  for (const VoteTie rule : kVoteTies) words.push_back(to_string(rule));
  return kVoteTies.at(reader.choice("vote_ties", words, 0));
}

Result<std::vector<ReportedFigure>> figures_from(const Json& list) {
  std::vector<ReportedFigure> figures;
  for (const Json& item : list) {
    const std::string path = "figures[" + std::to_string(figures.size()) + "]";
    ObjectReader reader(item, path);
    const Json* model = reader.any("model");
    const Json* colours = reader.any("colours");
    if (model == nullptr) reader.reject("model", "is missing");
    CLIPPATH_TRY_VOID(reader.finish());
    ReportedFigure figure;
    CLIPPATH_TRY(figure.model, figure_from(*model, path + ".model"));
    if (colours != nullptr) {
      CLIPPATH_TRY(figure.colours, figure_from(*colours, path + ".colours"));
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace

std::string pairs_id_of(const EvaluationSet& set) {
  Json json = {{"captions", set.captions},
               {"queries", set.queries},
               {"gallery", set.gallery},
               {"patches", Json::array()}};
  for (const EvaluationPatch& patch : set.patches) {
    json["patches"].push_back(
        {patch.id, patch.caption, patch.slide, patch.case_id, patch.site, patch.class_name});
  }
  Sha256 sha;
  sha.update(to_text(json));
  return to_hex(sha.finish());
}

std::vector<ReportedFigure> beside(std::vector<Figure> model, std::vector<Figure> colours) {
  std::vector<ReportedFigure> figures;
  for (Figure& figure : model) {
    const auto same = std::find_if(colours.begin(), colours.end(), [&](const Figure& other) {
      return name_of(other) == name_of(figure);
    });
    ReportedFigure reported{std::move(figure), std::nullopt};
    if (same != colours.end()) reported.colours = std::move(*same);
    figures.push_back(std::move(reported));
  }
  return figures;
}

Json to_json(const EvaluationReport& report) {
  Json json = {{"format", kFormat},
               {"model", report.model},
               {"model_id", report.model_id},
               {"pairs_id", report.pairs_id},
               {"data", report.data},
               {"seed", report.options.seed},
               {"candidate_draws", report.options.candidate_draws},
               {"candidates", report.options.candidates},
               {"vote_ties", to_string(report.options.vote_ties)},
               {"bootstrap",
                {{"draws", report.options.bootstrap.draws},
                 {"seed", report.options.bootstrap.seed},
                 {"resampled", "cases"}}},
               {"notes", report.notes},
               {"figures", Json::array()}};
  for (const ReportedFigure& figure : report.figures) {
    Json one = {{"model", figure_json(figure.model)}};
    if (figure.colours) one["colours"] = figure_json(*figure.colours);
    json["figures"].push_back(std::move(one));
  }
  return json;
}

Result<EvaluationReport> report_from_json(const Json& json) {
  ObjectReader reader(json, "");
  EvaluationReport report;
  if (reader.text("format") != kFormat) reader.reject("format", std::string("must be ") + kFormat);
  report.model = reader.text("model");
  report.model_id = reader.text("model_id");
  report.pairs_id = reader.text("pairs_id");
  report.data = reader.text("data");
  const auto count = [](ObjectReader& from, const char* key) {
    return static_cast<std::size_t>(from.integer(key, 0, std::int64_t{1} << 53U));
  };
  report.options.seed = count(reader, "seed");
  report.options.candidate_draws = count(reader, "candidate_draws");
  report.options.candidates = count(reader, "candidates");
  report.options.vote_ties = vote_ties_from(reader);
  report.notes = reader.optional_texts("notes", 1000);
  const Json* bootstrap = reader.any("bootstrap");
  if (bootstrap == nullptr) reader.reject("bootstrap", "is missing");
  const Json* figures = reader.any("figures");
  if (figures == nullptr || !figures->is_array()) reader.reject("figures", "must be a list");
  CLIPPATH_TRY_VOID(reader.finish());
  ObjectReader draws(*bootstrap, "bootstrap");
  report.options.bootstrap = {count(draws, "draws"), count(draws, "seed")};
  draws.text("resampled");
  CLIPPATH_TRY_VOID(draws.finish());
  CLIPPATH_TRY(report.figures, figures_from(*figures));
  return report;
}

}  // namespace clippath
