// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// A table with named columns (RFC 4180: commas, double quotes, quoted line breaks; CRLF or LF;
/// UTF-8, a byte-order mark is skipped).
struct CsvTable {
  std::vector<std::string> columns;            ///< without spaces around the names
  std::vector<std::vector<std::string>> rows;  ///< every row has as many cells as there are columns
  std::vector<int> lines;  ///< line of the file where each row begins, for messages

  [[nodiscard]] std::optional<std::size_t> column(std::string_view name) const;
};

/// Fails: kInvalidArgument naming the line: an open quote, a row with too many or too few cells, a
/// column named twice or not at all; an empty file.
Result<CsvTable> parse_csv(std::string_view text);

/// As above; also kNotFound, and kTooLarge over 1 GiB.
Result<CsvTable> read_csv(const std::filesystem::path& path);

/// One cell as it must be written: quoted where it holds a comma, a quote or a line break.
std::string csv_cell(std::string_view text);

/// One record with its line break (LF).
std::string csv_line(const std::vector<std::string>& cells);

/// Free text for a table that people open in a spreadsheet: an apostrophe goes before what that
/// would take for a formula (= + - @, tab or CR first). Not for tables that are read back.
std::string spreadsheet_text(std::string_view text);

}  // namespace clippath
