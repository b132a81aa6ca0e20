// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/core/tcga_barcode.h"
#include "clippath/manifest.h"
#include "clippath/reports.h"
#include "core/json/json.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20;
constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

const std::set<std::string_view> kKnownKeys = {"id", "case", "slide", "text", "caption"};

/// What a file says about one report, before it is checked.
struct RawReport {
  std::string id;
  std::string case_name;
  std::string slide;
  std::string text;
  std::string caption;
  Fields fields;
};

/// Drops control bytes (line feed and tab stay) and the white space around the text.
std::string cleaned(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 0x20 && byte != 0x7F) || c == '\n' || c == '\t') clean += c;
  }
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  while (!clean.empty() && is_space(clean.back())) clean.pop_back();
  const auto begin = std::find_if_not(clean.begin(), clean.end(), is_space);
  clean.erase(clean.begin(), begin);
  return clean;
}

Result<std::string> checked_id(std::string_view name, const char* key) {
  std::string id = escape_id(name);
  if (id.size() > kMaxIdBytes) {
    return fail(ErrorKind::kInvalidArgument, std::string(key) + " is longer than " +
                                                 std::to_string(kMaxIdBytes) + " bytes: '" + id +
                                                 "'");
  }
  return id;
}

Result<ReportRecord> to_record(RawReport raw) {
  ReportRecord report;
  report.text = cleaned(raw.text);
  if (report.text.empty()) return fail(ErrorKind::kInvalidArgument, "text is empty");
  if (report.text.size() > kMaxTextBytes) {
    return fail(ErrorKind::kTooLarge, "text is longer than 1 MiB");
  }
  if (raw.id.empty()) return fail(ErrorKind::kInvalidArgument, "id is empty");
  CLIPPATH_TRY(report.id.value, checked_id(raw.id, "id"));
  if (!raw.slide.empty()) {
    CLIPPATH_TRY(std::string slide, checked_id(raw.slide, "slide"));
    report.slide_id = SlideId(std::move(slide));
  }
  if (!raw.case_name.empty()) {
    CLIPPATH_TRY(report.case_id.value, checked_id(raw.case_name, "case"));
  } else if (report.slide_id) {
    report.case_id = CaseId(report.slide_id->value);
  } else {
    report.case_id = default_case(report.id.value, report.id.value);
  }
  report.caption = cleaned(raw.caption);
  report.fields = std::move(raw.fields);
  return report;
}

/// Collects the reports of one file; an id given twice costs the second row.
class Collector {
 public:
  void add(const std::string& where, Result<RawReport> raw) {
    if (!raw) return reject(where, raw.error().message);
    Result<ReportRecord> report = to_record(std::move(*raw));
    if (!report) return reject(where, report.error().message);
    if (!ids_.insert(report->id.value).second) {
      return reject(where, "the id '" + report->id.value + "' is given twice");
    }
    table_.reports.push_back(std::move(*report));
  }
  ReportTable finish() { return std::move(table_); }

 private:
  void reject(const std::string& where, const std::string& reason) {
    table_.rejected.push_back({where, reason});
  }

  ReportTable table_;
  std::set<std::string> ids_;
};

std::string line_of(const fs::path& path, int line) {
  return path.filename().string() + " line " + std::to_string(line);
}

Result<ReportTable> read_csv_reports(const fs::path& path) {
  CLIPPATH_TRY(const CsvTable table, read_csv(path));
  if (!table.column("text")) {
    return fail(ErrorKind::kInvalidArgument,
                path.string() + " line 1: a table of reports needs a column 'text'");
  }
  Collector collector;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto cell = [&](const char* name) {
      const std::optional<std::size_t> column = table.column(name);
      return column ? table.rows[i][*column] : std::string();
    };
    RawReport raw{cell("id"), cell("case"), cell("slide"), cell("text"), cell("caption"), {}};
    if (raw.id.empty() && table.rows.size() == 1) raw.id = path.stem().string();
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (table.rows[i][c].empty() || kKnownKeys.contains(table.columns[c])) continue;
      raw.fields.emplace(table.columns[c], parse_field(table.rows[i][c]));
    }
    collector.add(line_of(path, table.lines[i]), std::move(raw));
  }
  return collector.finish();
}

/// A JSON string stays text unless it is a day: JSON has its own numbers and booleans.
Result<FieldValue> field_of(const std::string& key, const Json& value) {
  if (value.is_boolean()) return FieldValue(value.get<bool>());
  if (value.is_number()) return FieldValue(value.get<double>());
  if (value.is_string()) {
    std::string text = value.get<std::string>();
    FieldValue parsed = parse_field(text);
    if (std::holds_alternative<Date>(parsed)) return parsed;
    return FieldValue(std::move(text));
  }
  return fail(ErrorKind::kInvalidArgument,
              key + " must be a text, a number, true or false to be a field");
}

Result<RawReport> parse_json_report(std::string_view line) {
  JsonLimits limits;
  limits.max_bytes = 4 * kMaxTextBytes;
  CLIPPATH_TRY(const Json json, parse_json(line, limits));
  if (!json.is_object()) {
    return fail(ErrorKind::kInvalidArgument, "a line must be one JSON object");
  }
  ObjectReader reader(json, "");
  RawReport raw;
  raw.id = reader.optional_text("id").value_or("");
  raw.case_name = reader.optional_text("case").value_or("");
  raw.slide = reader.optional_text("slide").value_or("");
  raw.text = reader.text("text", kMaxTextBytes);
  raw.caption = reader.optional_text("caption").value_or("");
  for (const auto& [key, value] : json.items()) {
    if (kKnownKeys.contains(key) || reader.any(key.c_str()) == nullptr || value.is_null()) continue;
    CLIPPATH_TRY(FieldValue field, field_of(key, value));
    raw.fields.emplace(key, std::move(field));
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return raw;
}

Result<ReportTable> read_json_lines(const fs::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxFileBytes));
  std::vector<std::pair<int, std::string_view>> lines;
  std::string_view rest = text;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(number, line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Collector collector;
  for (const auto& [number, line] : lines) {
    Result<RawReport> raw = parse_json_report(line);
    if (raw && raw->id.empty() && lines.size() == 1) raw->id = path.stem().string();
    collector.add(line_of(path, number), std::move(raw));
  }
  return collector.finish();
}

Result<ReportTable> read_text_report(const fs::path& path) {
  CLIPPATH_TRY(std::string text, read_text_file(path, kMaxFileBytes));
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  Collector collector;
  RawReport raw;
  raw.id = path.stem().string();
  raw.text = std::move(text);
  collector.add(path.filename().string(), std::move(raw));
  return collector.finish();
}

}  // namespace

Result<ReportTable> read_reports(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return fail(ErrorKind::kNotFound, "'" + path.string() + "' does not exist");
  }
  const std::string extension = path.extension().string();
  if (extension == ".csv") return read_csv_reports(path);
  if (extension == ".jsonl") return read_json_lines(path);
  if (extension == ".txt") return read_text_report(path);
  return fail(ErrorKind::kUnsupported,
              "'" + path.string() + "': reports are read from .csv, .jsonl and .txt files");
}

}  // namespace clippath
