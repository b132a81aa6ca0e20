// SPDX-License-Identifier: Apache-2.0
#include "server/search/filter_plan.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace clippath {
namespace {

bool holds(const Filter::Condition& condition, const std::optional<FieldValue>& value) {
  if (condition.exists) return value.has_value() == *condition.exists;
  if (!value) return false;
  if (!condition.any_of.empty()) {
    return std::find(condition.any_of.begin(), condition.any_of.end(), *value) !=
           condition.any_of.end();
  }
  const auto* number = std::get_if<double>(&*value);
  return number != nullptr && *number >= condition.at_least.value_or(*number) &&
         *number <= condition.at_most.value_or(*number);
}

using RowTest = std::function<bool(std::int64_t row)>;

/// Builds one test a row for each condition.
using ConditionPlanner = std::function<RowTest(const Filter::Condition&)>;

struct RowTests {
  std::vector<RowTest> must;
  std::vector<RowTest> should;
  std::vector<RowTest> must_not;

  RowTests(const Filter& filter, const ConditionPlanner& plan) {
    std::transform(filter.must.begin(), filter.must.end(), std::back_inserter(must), plan);
    std::transform(filter.should.begin(), filter.should.end(), std::back_inserter(should), plan);
    std::transform(filter.must_not.begin(), filter.must_not.end(), std::back_inserter(must_not),
                   plan);
  }

  [[nodiscard]] bool accept(std::int64_t row) const {
    const auto passes = [row](const RowTest& test) { return test(row); };
    return std::all_of(must.begin(), must.end(), passes) &&
           (should.empty() || std::any_of(should.begin(), should.end(), passes)) &&
           std::none_of(must_not.begin(), must_not.end(), passes);
  }
};

Result<void> check_names(const Filter& filter,
                         const std::function<bool(const std::string&)>& known) {
  for (const auto* group : {&filter.must, &filter.should, &filter.must_not}) {
    for (const Filter::Condition& condition : *group) {
      if (known(condition.field)) continue;
      return fail({ErrorKind::kInvalidArgument,
                   "filter: nothing here has a field '" + condition.field +
                       "'; GET /v1/fields lists what there is",
                   "filter"});
    }
  }
  return {};
}

}  // namespace

Result<RowSet> allowed_patches(const Snapshot& snapshot, const FieldCatalogue& fields,
                               const Filter& filter, Exclude exclude, const QueryOrigin& origin) {
  CLIPPATH_TRY_VOID(
      check_names(filter, [&](const std::string& name) { return fields.has_patch_field(name); }));
  const RowTests tests(filter, [&](const Filter::Condition& condition) -> RowTest {
    if (fields.varies_within_slide(condition.field)) {
      return
          [&](std::int64_t row) { return holds(condition, fields.of_patch(row, condition.field)); };
    }
    std::vector<bool> of_slide;
    for (const SlideRecord& slide : snapshot.slides)
      of_slide.push_back(holds(condition, fields.of_slide(slide, condition.field)));
    return [&, of_slide = std::move(of_slide)](std::int64_t row) {
      return of_slide[snapshot.patch_slide[static_cast<std::size_t>(row)]];
    };
  });
  const auto excluded = [&](std::size_t row) {
    const SlideRecord& slide = snapshot.slides[snapshot.patch_slide[row]];
    switch (exclude) {
      case Exclude::kNone: return false;
      case Exclude::kSelf: return snapshot.patches[row].id == origin.patch;
      case Exclude::kSlide: return slide.id == origin.slide;
      case Exclude::kCase: return slide.case_id == origin.case_id;
    }
    return false;
  };
  RowSet allowed(static_cast<std::int64_t>(snapshot.patches.size()));
  for (std::size_t row = 0; row < snapshot.patches.size(); ++row) {
    const auto number = static_cast<std::int64_t>(row);
    if (!excluded(row) && tests.accept(number)) allowed.insert(number);
  }
  return allowed;
}

Result<RowSet> allowed_reports(const Snapshot& snapshot, const FieldCatalogue& fields,
                               const Filter& filter, Exclude exclude, const QueryOrigin& origin) {
  CLIPPATH_TRY_VOID(
      check_names(filter, [&](const std::string& name) { return fields.has_report_field(name); }));
  const RowTests tests(filter, [&](const Filter::Condition& condition) -> RowTest {
    return
        [&](std::int64_t row) { return holds(condition, fields.of_report(row, condition.field)); };
  });
  const auto excluded = [&](const ReportRecord& report) {
    switch (exclude) {
      case Exclude::kNone: return false;
      case Exclude::kSelf: return report.id == origin.report;
      case Exclude::kSlide: return report.slide_id && *report.slide_id == origin.slide;
      case Exclude::kCase: return report.case_id == origin.case_id;
    }
    return false;
  };
  RowSet allowed(static_cast<std::int64_t>(snapshot.reports.size()));
  for (std::size_t row = 0; row < snapshot.reports.size(); ++row) {
    const auto number = static_cast<std::int64_t>(row);
    if (!excluded(snapshot.reports[row]) && tests.accept(number)) allowed.insert(number);
  }
  return allowed;
}

}  // namespace clippath
