// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/fields.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

namespace clippath {
namespace {

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  int parts[3] = {};
  const int begins[3] = {0, 5, 8};
  const int ends[3] = {4, 7, 10};
  for (int i = 0; i < 3; ++i) {
    const char* end = text.data() + ends[i];
    const auto [rest, error] = std::from_chars(text.data() + begins[i], end, parts[i]);
    if (error != std::errc() || rest != end || parts[i] < 1) return false;
  }
  const std::chrono::year_month_day day{std::chrono::year(parts[0]),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  return day.ok();
}

std::string shortest(double value) {
  char buffer[32];
  const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), value);
  return error == std::errc() ? std::string(std::begin(buffer), end) : std::string();
}

}  // namespace

FieldValue parse_field(const std::string& text) {
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no") return false;
  if (is_date(text)) return Date{text};
  // A number only where nothing is lost: "007" and "1.50" are labels of somebody's making as much
  // as numbers, but they order as numbers; a leading zero marks an identifier and stays text.
  const bool identifier = text.size() > 1 && text[0] == '0' && text[1] != '.';
  if (!identifier) {
    if (auto number = parse_number(text)) return *number;
  }
  return text;
}

std::string to_text(const FieldValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return shortest(*number);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  return std::get<Date>(value).iso;
}

}  // namespace clippath
