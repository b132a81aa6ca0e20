// SPDX-License-Identifier: Apache-2.0
#include "indexer/manifest/cells.h"

#include <charconv>

#include "clippath/core/ids.h"

namespace clippath {

std::string TableRow::text(std::string_view column) const {
  const std::optional<std::size_t> index = table_.column(column);
  return index ? table_.rows[row_][*index] : std::string();
}

TableRow::Cell TableRow::first_of(std::initializer_list<std::string_view> columns) const {
  for (const std::string_view column : columns) {
    if (table_.column(column)) return {std::string(column), text(column)};
  }
  return {std::string(*columns.begin()), {}};
}

Result<std::optional<MicronsPerPixel>> TableRow::mpp(std::string_view column) const {
  const std::string cell = text(column);
  if (cell.empty() || cell == "unknown") return std::optional<MicronsPerPixel>();
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc() && end == cell.data() + cell.size();
  if (!whole || !(value >= 0.05 && value <= 20)) {
    return fail(fault(
        column, "must be micrometres a pixel in 0.05..20, empty or 'unknown', is '" + cell + "'"));
  }
  return std::optional(MicronsPerPixel{value});
}

Fields TableRow::fields(const std::set<std::string_view>& known) const {
  Fields fields;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    const std::string& cell = table_.rows[row_][i];
    if (cell.empty() || known.contains(table_.columns[i])) continue;
    fields.emplace(table_.columns[i], parse_field(cell));
  }
  return fields;
}

Error TableRow::fault(std::string_view column, const std::string& message) const {
  return Error{ErrorKind::kInvalidArgument,
               file_.string() + " line " + std::to_string(table_.lines[row_]) + ", column " +
                   std::string(column) + ": " + message,
               std::string(column)};
}

Result<std::string> id_cell(const TableRow& row, std::string_view column, std::string_view text) {
  std::string id = escape_id(text);
  if (id.empty()) return fail(row.fault(column, "must not be empty"));
  if (id.size() > kMaxIdBytes) {
    return fail(row.fault(
        column, "is longer than " + std::to_string(kMaxIdBytes) + " bytes as an id: '" + id + "'"));
  }
  return id;
}

}  // namespace clippath
