// SPDX-License-Identifier: Apache-2.0
#include "server/search/field_catalogue.h"

#include <algorithm>

namespace clippath {
namespace {

constexpr std::size_t kMaxValuesPerField = 100;

const std::set<std::string, std::less<>> kBuiltInSlideFields = {
    "slide_id", "case_id", "caption", "mpp", "mpp_source", "objective", "vendor", "partial"};
const std::set<std::string, std::less<>> kBuiltInPatchFields = {"extent_um", "tissue_fraction",
                                                                "white_fraction", "attention"};
const std::set<std::string, std::less<>> kBuiltInReportFields = {"report_id", "case_id", "slide_id",
                                                                 "caption"};

std::optional<FieldValue> text_or_nothing(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return FieldValue(text);
}

std::optional<FieldValue> find_in(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

std::string type_name(const FieldValue& value) {
  if (std::holds_alternative<double>(value)) return "number";
  if (std::holds_alternative<bool>(value)) return "bool";
  if (std::holds_alternative<Date>(value)) return "date";
  return "text";
}

/// Counts of one field's values over the patches.
struct Tally {
  std::map<FieldValue, std::int64_t> counts;
  std::int64_t rows = 0;

  void add(const FieldValue& value, std::int64_t count) {
    counts[value] += count;
    rows += count;
  }
};

FieldSummary summarize(const std::string& name, const Tally& tally) {
  FieldSummary summary{name, "", tally.rows, {}, tally.counts.size() > kMaxValuesPerField};
  std::set<std::string> types;
  for (const auto& [value, count] : tally.counts) {
    types.insert(type_name(value));
    summary.values.emplace_back(to_text(value), count);
  }
  // A column that holds "2019" in one row and "unknown" in the next is text to a person.
  summary.type = types.size() == 1 ? *types.begin() : "text";
  std::stable_sort(summary.values.begin(), summary.values.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (summary.more_values) summary.values.resize(kMaxValuesPerField);
  return summary;
}

}  // namespace

FieldCatalogue::FieldCatalogue(const Snapshot& snapshot)
    : snapshot_(snapshot),
      slide_names_(kBuiltInSlideFields),
      patch_names_(kBuiltInPatchFields),
      report_names_(kBuiltInReportFields) {
  for (const SlideRecord& slide : snapshot.slides) {
    for (const auto& [name, value] : slide.fields) slide_names_.insert(name);
  }
  for (const PatchRecord& patch : snapshot.patches) {
    for (const auto& [name, value] : patch.fields) patch_names_.insert(name);
    if (!patch.caption.empty()) patch_names_.insert("caption");
  }
  for (const ReportRecord& report : snapshot.reports) {
    for (const auto& [name, value] : report.fields) report_names_.insert(name);
  }
}

bool FieldCatalogue::has_patch_field(const std::string& name) const {
  return slide_names_.contains(name) || patch_names_.contains(name);
}

bool FieldCatalogue::has_report_field(const std::string& name) const {
  return report_names_.contains(name) || slide_names_.contains(name);
}

std::optional<FieldValue> FieldCatalogue::of_slide(const SlideRecord& slide,
                                                   const std::string& name) const {
  if (auto own = find_in(slide.fields, name)) return own;
  if (name == "slide_id") return text_or_nothing(slide.id.value);
  if (name == "case_id") return text_or_nothing(slide.case_id.value);
  if (name == "caption") return text_or_nothing(slide.caption);
  if (name == "vendor") return text_or_nothing(slide.vendor);
  if (name == "partial") return slide.partial;
  if (name == "objective" && slide.objective) return *slide.objective;
  if (name == "mpp" && slide.scale) return slide.scale->mpp.value;
  if (name == "mpp_source" && slide.scale) return std::string(to_string(slide.scale->source));
  return std::nullopt;
}

std::optional<FieldValue> FieldCatalogue::of_patch(std::int64_t row,
                                                   const std::string& name) const {
  const auto index = static_cast<std::size_t>(row);
  const PatchRecord& patch = snapshot_.patches[index];
  if (auto own = find_in(patch.fields, name)) return own;
  if (name == "caption" && !patch.caption.empty()) return patch.caption;
  if (name == "tissue_fraction") return patch.tissue_fraction;
  if (name == "white_fraction") return patch.white_fraction;
  if (name == "attention")
    return patch.attention ? std::optional<FieldValue>(*patch.attention) : std::nullopt;
  if (name == "extent_um")
    return patch.extent_um > 0 ? std::optional<FieldValue>(patch.extent_um) : std::nullopt;
  return of_slide(snapshot_.slides[snapshot_.patch_slide[index]], name);
}

std::optional<FieldValue> FieldCatalogue::of_report(std::int64_t row,
                                                    const std::string& name) const {
  const ReportRecord& report = snapshot_.reports[static_cast<std::size_t>(row)];
  if (auto own = find_in(report.fields, name)) return own;
  if (name == "report_id") return text_or_nothing(report.id.value);
  if (name == "case_id") return text_or_nothing(report.case_id.value);
  if (name == "caption") return text_or_nothing(report.caption);
  if (!report.slide_id) return std::nullopt;
  if (name == "slide_id") return report.slide_id->value;
  const auto slide = snapshot_.slide_index.find(report.slide_id->value);
  return slide == snapshot_.slide_index.end() ? std::nullopt
                                              : of_slide(snapshot_.slides[slide->second], name);
}

std::vector<FieldSummary> FieldCatalogue::summaries() const {
  std::vector<std::int64_t> patches_of_slide(snapshot_.slides.size());
  for (const std::uint32_t slide : snapshot_.patch_slide) ++patches_of_slide[slide];
  std::map<std::string, Tally> tallies;
  for (const std::string& name : slide_names_) {
    if (varies_within_slide(name)) continue;
    for (std::size_t slide = 0; slide < snapshot_.slides.size(); ++slide) {
      const auto value = of_slide(snapshot_.slides[slide], name);
      if (value && patches_of_slide[slide] > 0) tallies[name].add(*value, patches_of_slide[slide]);
    }
  }
  for (const std::string& name : patch_names_) {
    for (std::size_t row = 0; row < snapshot_.patches.size(); ++row) {
      if (const auto value = of_patch(static_cast<std::int64_t>(row), name))
        tallies[name].add(*value, 1);
    }
  }
  std::vector<FieldSummary> summaries;
  for (const auto& [name, tally] : tallies) summaries.push_back(summarize(name, tally));
  return summaries;
}

}  // namespace clippath
