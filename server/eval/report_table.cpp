// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include "clippath/evaluation_report.h"

namespace clippath {
namespace {

std::string decimals(double value, int count) {
  char text[32];
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, count).ptr};
}

/// ".856": a share of 1.
std::string share(double value) {
  std::string text = decimals(value, 3);
  if (text.starts_with("0.")) return text.substr(1);
  if (text.starts_with("-0.")) return "-" + text.substr(2);
  return text;
}

std::string with_interval(double value, const Interval& interval) {
  return share(value) + " [" + share(interval.low) + ", " + share(interval.high) + "]";
}

std::string row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string_view words_of(VoteTie rule) {
  switch (rule) {
    case VoteTie::kFirstSeen: return "of equal votes the first seen label wins";
    case VoteTie::kLowestId: return "of equal votes the label that is first in the alphabet wins";
    case VoteTie::kSharedCredit: return "equal votes share the credit";
  }
  return "";
}

}  // namespace

std::string to_markdown(const EvaluationReport& report) {
  std::string text = "Model " + report.model + " (" + report.model_id + ") on " + report.data +
                     ". Ties count against the model; " +
                     std::string(words_of(report.options.vote_ties)) + "; [95 % interval] over " +
                     std::to_string(report.options.bootstrap.draws) + " draws of cases.\n\n";
  text += row({"preset", "measure", "right by", "left out", "n", "model", "ties: best, mean",
               "chance", "colours alone"});
  text += row({"---", "---", "---", "---", "---:", "---", "---:", "---:", "---"});
  for (const ReportedFigure& figure : report.figures) {
    const Figure& model = figure.model;
    std::string value = with_interval(model.value, model.interval);
    if (model.draw_deviation) value += " (sd " + share(*model.draw_deviation) + ")";
    text +=
        row({model.preset, model.metric, model.by, model.leave_out,
             std::to_string(model.queries.size()), value,
             share(model.optimistic_ties) + ", " + share(model.expected_ties),
             model.chance ? share(*model.chance) : "",
             figure.colours ? with_interval(figure.colours->value, figure.colours->interval) : ""});
  }
  if (!report.notes.empty()) text += "\n";
  for (const std::string& note : report.notes) text += "* " + note + "\n";
  return text;
}

std::string to_markdown(const std::vector<Comparison>& comparisons, const std::string& first,
                        const std::string& second) {
  std::string text = row({"figure", "n", first, second, "difference"});
  text += row({"---", "---:", "---:", "---:", "---"});
  for (const Comparison& one : comparisons) {
    text += row({one.name, std::to_string(one.n), share(one.first), share(one.second),
                 with_interval(one.difference, one.interval)});
  }
  return text;
}

}  // namespace clippath
