// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/csv.h"

#include <algorithm>

#include "clippath/core/files.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxFileBytes = 1ULL << 30U;

/// Reads one record after the other; knows the line where each began.
class CsvScanner {
 public:
  explicit CsvScanner(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] int line() const { return line_; }

  Result<std::vector<std::string>> next_record() {
    std::vector<std::string> cells;
    while (true) {
      CLIPPATH_TRY(std::string cell, next_cell());
      cells.push_back(std::move(cell));
      if (at_end()) return cells;
      const char separator = text_[position_++];
      if (separator == ',') continue;
      if (separator == '\r' && !at_end() && text_[position_] == '\n') ++position_;
      ++line_;
      return cells;
    }
  }

 private:
  Result<std::string> next_cell() {
    if (at_end() || text_[position_] != '"') return plain_cell();
    const int first_line = line_;
    std::string cell;
    for (++position_; !at_end(); ++position_) {
      const char c = text_[position_];
      if (c == '\n') ++line_;
      if (c != '"') {
        cell += c;
      } else if (position_ + 1 < text_.size() && text_[position_ + 1] == '"') {
        cell += '"';
        ++position_;
      } else {
        ++position_;
        if (!at_end() && !is_separator(text_[position_])) {
          return fail(ErrorKind::kInvalidArgument,
                      "line " + std::to_string(line_) + ": text after a closing quote");
        }
        return cell;
      }
    }
    return fail(ErrorKind::kInvalidArgument,
                "line " + std::to_string(first_line) + ": a quote is opened and never closed");
  }

  std::string plain_cell() {
    const std::size_t begin = position_;
    while (!at_end() && !is_separator(text_[position_])) ++position_;
    return std::string(text_.substr(begin, position_ - begin));
  }

  static bool is_separator(char c) { return c == ',' || c == '\n' || c == '\r'; }

  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

/// Without the spaces that people write behind commas.
std::string trimmed(const std::string& name) {
  const std::size_t first = std::min(name.find_first_not_of(" \t"), name.size());
  const std::size_t end = name.find_last_not_of(" \t") + 1;
  return name.substr(first, std::max(end, first) - first);
}

Result<void> check_columns(const std::vector<std::string>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty()) {
      return fail(ErrorKind::kInvalidArgument,
                  "line 1: column " + std::to_string(i + 1) + " has no name");
    }
    if (std::find(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(i), columns[i]) !=
        columns.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fail(ErrorKind::kInvalidArgument,
                  "line 1: two columns are named '" + columns[i] + "'");
    }
  }
  return {};
}

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

Result<CsvTable> parse_csv(std::string_view text) {
  CsvScanner scanner(text);
  if (scanner.at_end())
    return fail(ErrorKind::kInvalidArgument,
                "the table is empty: it needs a first line with column names");
  CsvTable table;
  CLIPPATH_TRY(table.columns, scanner.next_record());
  for (std::string& column : table.columns) column = trimmed(column);
  CLIPPATH_TRY_VOID(check_columns(table.columns));
  while (!scanner.at_end()) {
    const int line = scanner.line();
    CLIPPATH_TRY(auto cells, scanner.next_record());
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() != table.columns.size()) {
      return fail(ErrorKind::kInvalidArgument,
                  "line " + std::to_string(line) + ": has " + std::to_string(cells.size()) +
                      " cells, the first line names " + std::to_string(table.columns.size()));
    }
    table.rows.push_back(std::move(cells));
    table.lines.push_back(line);
  }
  return table;
}

Result<CsvTable> read_csv(const std::filesystem::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxFileBytes));
  auto table = parse_csv(text);
  if (!table) return fail(table.error().within(path.string()));
  return table;
}

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + '"';
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    line += csv_cell(cell);
  }
  return line + '\n';
}

std::string spreadsheet_text(std::string_view text) {
  const bool formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos;
  return std::string(formula ? "'" : "").append(text);
}

}  // namespace clippath
