// SPDX-License-Identifier: Apache-2.0
#include "clippath/score_table.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <map>

#include "clippath/core/csv.h"
#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "server/eval/figure_maker.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{4} << 30U;
constexpr std::size_t kNpyPrefix = 10;  // magic, version, length of the header
constexpr std::size_t kMaxSide = 1U << 24U;

Error not_read(const std::filesystem::path& path, ErrorKind kind, const std::string& why) {
  return {kind, path.filename().string() + ": " + why};
}

/// What stands after `'key':` in the header, up to the comma or bracket that ends it.
std::string header_value(const std::string& header, const std::string& key, char end) {
  const std::size_t at = header.find("'" + key + "':");
  if (at == std::string::npos) return {};
  const std::size_t begin = header.find_first_not_of(' ', at + key.size() + 3);
  const std::size_t stop = header.find(end, begin);
  return begin == std::string::npos || stop == std::string::npos
             ? std::string()
             : header.substr(begin, stop - begin);
}

/// "(30, 50" as two numbers; 0, 0 where it is not two.
std::pair<std::size_t, std::size_t> shape_of(const std::string& text) {
  std::vector<std::size_t> sides;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::size_t side = 0;
    const auto [next, error] = std::from_chars(at, end, side);
    if (error == std::errc() && side <= kMaxSide) {
      sides.push_back(side);
      at = next;
    } else {
      ++at;
    }
  }
  return sides.size() == 2 ? std::pair(sides[0], sides[1]) : std::pair<std::size_t, std::size_t>();
}

template <class T>
std::vector<double> values_of(const std::uint8_t* bytes, std::size_t count) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<T> stored(count);
  std::memcpy(stored.data(), bytes, count * sizeof(T));
  return {stored.begin(), stored.end()};
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

Result<ScoreTable> read_npy(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto bytes, read_file(path, kMaxBytes));
  const std::string head(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(
                                                            std::min(bytes.size(), kNpyPrefix)));
  if (head.size() < kNpyPrefix || !head.starts_with("\x93NUMPY\x01")) {
    return fail(not_read(path, ErrorKind::kUnsupported, "is no .npy file of version 1.0"));
  }
  const std::size_t start = kNpyPrefix + bytes[8] + 256U * bytes[9];
  if (bytes.size() < start) {
    return fail(not_read(path, ErrorKind::kInvalidArgument, "is cut off"));
  }
  const std::string header(bytes.begin() + kNpyPrefix,
                           bytes.begin() + static_cast<std::ptrdiff_t>(start));
  const std::string type = header_value(header, "descr", ',');
  const auto [rows, columns] = shape_of(header_value(header, "shape", ')'));
  const std::size_t width = type == "'<f4'" ? 4 : type == "'<f8'" ? 8 : 0;
  if (width == 0 || header_value(header, "fortran_order", ',') != "False" || rows == 0 ||
      columns == 0) {
    return fail(not_read(path, ErrorKind::kUnsupported,
                         "must hold float32 or float64, [queries, candidates], in C order"));
  }
  if ((bytes.size() - start) / width / rows != columns ||
      bytes.size() - start != rows * columns * width) {
    return fail(not_read(path, ErrorKind::kInvalidArgument,
                         "holds another number of values than its shape says"));
  }
  const std::uint8_t* values = bytes.data() + start;
  return ScoreTable{numbered(rows),
                    numbered(columns),
                    {rows, columns,
                     width == 4 ? values_of<float>(values, rows * columns)
                                : values_of<double>(values, rows * columns)}};
}

Result<double> number(const std::filesystem::path& path, const CsvTable& table, std::size_t row,
                      std::size_t column) {
  const std::string& text = table.rows[row][column];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(not_read(path, ErrorKind::kInvalidArgument,
                         "line " + std::to_string(table.lines[row]) + ", column " +
                             table.columns[column] + ": '" + text + "' is not a number"));
  }
  return value;
}

Result<ScoreTable> read_score_csv(const std::filesystem::path& path) {
  CLIPPATH_TRY(const CsvTable csv, read_csv(path));
  if (csv.columns.size() < 2 || csv.rows.empty()) {
    return fail(not_read(path, ErrorKind::kInvalidArgument,
                         "needs a column of queries, one of each candidate, and a row a query"));
  }
  ScoreTable table;
  table.candidates.assign(csv.columns.begin() + 1, csv.columns.end());
  table.scores = {csv.rows.size(), table.candidates.size(), {}};
  for (std::size_t row = 0; row < csv.rows.size(); ++row) {
    table.queries.push_back(csv.rows[row].front());
    for (std::size_t column = 1; column < csv.columns.size(); ++column) {
      CLIPPATH_TRY(const double value, number(path, csv, row, column));
      table.scores.values.push_back(value);
    }
  }
  return table;
}

std::map<std::string, std::size_t> places_of(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < names.size(); ++i) places.emplace(names[i], i);
  return places;
}

Result<std::size_t> place_in(const std::map<std::string, std::size_t>& places, const CsvTable& csv,
                             std::size_t row, std::size_t column,
                             const std::filesystem::path& path) {
  const std::string& name = csv.rows[row][column];
  const auto found = places.find(name);
  if (found != places.end()) return found->second;
  return fail(not_read(path, ErrorKind::kInvalidArgument,
                       "line " + std::to_string(csv.lines[row]) + ", column " +
                           csv.columns[column] + ": the scores have no '" + name + "'"));
}

/// The queries as a set, so that figures know their cases.
EvaluationSet queries_as_set(const ScoreTable& table, const Relevance& relevance) {
  EvaluationSet set;
  for (std::size_t i = 0; i < table.queries.size(); ++i) {
    set.patches.push_back({table.queries[i], 0, "", relevance.cases[i], "", ""});
  }
  return set;
}

}  // namespace

Result<ScoreTable> read_score_table(const std::filesystem::path& path) {
  CLIPPATH_TRY(ScoreTable table,
               lower_extension(path) == ".npy" ? read_npy(path) : read_score_csv(path));
  std::map<std::string, std::size_t> seen;
  for (const std::string& query : table.queries) {
    if (++seen[query] > 1) {
      return fail(
          not_read(path, ErrorKind::kInvalidArgument, "query '" + query + "' is there twice"));
    }
  }
  return table;
}

Result<Relevance> read_relevance(const std::filesystem::path& path, const ScoreTable& table) {
  CLIPPATH_TRY(const CsvTable csv, read_csv(path));
  const auto query = csv.column("query");
  const auto candidate = csv.column("candidate");
  const auto case_id = csv.column("case");
  if (!query || !candidate) {
    return fail(
        not_read(path, ErrorKind::kInvalidArgument, "needs the columns 'query' and 'candidate'"));
  }
  Relevance relevance{{}, table.queries};
  relevance.positive.assign(table.queries.size(), std::vector<bool>(table.candidates.size()));
  const auto queries = places_of(table.queries);
  const auto candidates = places_of(table.candidates);
  std::vector<bool> answered(table.queries.size());
  for (std::size_t row = 0; row < csv.rows.size(); ++row) {
    CLIPPATH_TRY(const std::size_t asks, place_in(queries, csv, row, *query, path));
    CLIPPATH_TRY(const std::size_t right, place_in(candidates, csv, row, *candidate, path));
    relevance.positive[asks][right] = true;
    answered[asks] = true;
    if (case_id && !csv.rows[row][*case_id].empty())
      relevance.cases[asks] = csv.rows[row][*case_id];
  }
  for (std::size_t i = 0; i < answered.size(); ++i) {
    if (answered[i]) continue;
    return fail(not_read(path, ErrorKind::kInvalidArgument,
                         "query '" + table.queries[i] + "' has no right answer"));
  }
  return relevance;
}

Result<std::vector<Figure>> evaluate_score_table(const ScoreTable& table,
                                                 const Relevance& relevance,
                                                 const EvaluationOptions& options) {
  std::vector<FigureMaker> makers;
  std::vector<Measure> measures;
  const auto measure = [&](const std::string& metric, std::size_t k, Measure of_row) {
    makers.emplace_back(Figure{"scores", metric, "relevance", k, "none",
                               "all " + std::to_string(table.candidates.size()) + " candidates"});
    measures.push_back(std::move(of_row));
  };
  for (const std::size_t k : {1, 5, 10, 20}) {
    measure("hit@" + std::to_string(k), k,
            [k](const RankedRow& row, TieRule ties) { return row.hit_at(k, ties); });
    measure("recall@" + std::to_string(k), k,
            [k](const RankedRow& row, TieRule ties) { return row.recall_at(k, ties); });
  }
  measure("mrr", 0, [](const RankedRow& row, TieRule ties) { return row.reciprocal_rank(ties); });
  measure("map", 0, [](const RankedRow& row, TieRule ties) { return row.average_precision(ties); });
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    const auto row = RankedRow::make(table.scores.row(query), relevance.positive[query]);
    if (!row) return fail(row.error().within("query " + table.queries[query]));
    const RankedRow all_equal = all_equal_row(relevance.positive[query]);
    for (std::size_t i = 0; i < makers.size(); ++i) {
      makers[i].add(query, measure_row(*row, all_equal, measures[i]));
    }
  }
  const EvaluationSet set = queries_as_set(table, relevance);
  std::vector<Figure> figures;
  for (FigureMaker& maker : makers) figures.push_back(maker.finish(set, options.bootstrap));
  return figures;
}

std::string pairs_id_of(const ScoreTable& table, const Relevance& relevance) {
  Sha256 sha;
  sha.update(to_text(Json{{"queries", table.queries},
                          {"candidates", table.candidates},
                          {"positive", relevance.positive},
                          {"cases", relevance.cases}}));
  return to_hex(sha.finish());
}

}  // namespace clippath
