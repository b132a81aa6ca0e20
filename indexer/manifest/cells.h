// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "clippath/core/csv.h"
#include "clippath/core/fields.h"
#include "clippath/core/geometry.h"
#include "clippath/core/result.h"

namespace clippath {

/// One row of a table whose faults can say where they are.
class TableRow {
 public:
  TableRow(const std::filesystem::path& file, const CsvTable& table, std::size_t row)
      : file_(file), table_(table), row_(row) {}

  /// The cell of a column; empty where the table has no such column.
  [[nodiscard]] std::string text(std::string_view column) const;

  /// The cell of the first of these columns that the table has, with its name.
  struct Cell {
    std::string column;
    std::string text;
  };
  [[nodiscard]] Cell first_of(std::initializer_list<std::string_view> columns) const;

  /// Pixel size of a cell: empty for an empty cell and for "unknown". Fails: kInvalidArgument
  /// unless it is a number in [0.05, 20].
  [[nodiscard]] Result<std::optional<MicronsPerPixel>> mpp(std::string_view column) const;

  /// The columns outside of `known` that are not empty, each with its type.
  [[nodiscard]] Fields fields(const std::set<std::string_view>& known) const;

  /// kInvalidArgument: `patches.csv line 7, column mpp: ...`.
  [[nodiscard]] Error fault(std::string_view column, const std::string& message) const;

 private:
  const std::filesystem::path& file_;
  const CsvTable& table_;
  std::size_t row_;
};

/// A name from a table as an id, or an error at this column: empty, or over 128 bytes once escaped.
Result<std::string> id_cell(const TableRow& row, std::string_view column, std::string_view text);

}  // namespace clippath
