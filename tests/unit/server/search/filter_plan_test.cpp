// SPDX-License-Identifier: Apache-2.0
#include "server/search/filter_plan.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/toy_snapshot.h"

namespace clippath {
namespace {

class FilterPlan : public ::testing::Test {
 protected:
  std::vector<std::int64_t> patches(const Filter& filter, Exclude exclude = Exclude::kNone,
                                    const QueryOrigin& origin = {}) {
    const RowSet allowed = allowed_patches(*snapshot_, fields_, filter, exclude, origin).value();
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < allowed.rows(); ++row) {
      if (allowed.contains(row)) rows.push_back(row);
    }
    return rows;
  }

  static Filter::Condition equals(const std::string& field, FieldValue value) {
    return {field, {std::move(value)}, {}, {}, {}};
  }

  const std::shared_ptr<Snapshot> snapshot_ = test::make_toy_snapshot({}, 1);
  const FieldCatalogue fields_{*snapshot_};
};

TEST_F(FilterPlan, CombinesMustShouldAndMustNot) {
  // Organ 0 is that of cases 0 and 3; HE the first slide of each case; grades 0..9 within a slide.
  Filter filter;
  filter.must = {equals("organ", "organ0"), {"grade", {}, 2.0, 4.0, {}}};
  filter.should = {equals("stain", "HE"), equals("year", 2003.0)};
  filter.must_not = {equals("grade", 3.0)};
  EXPECT_EQ(patches(filter), (std::vector<std::int64_t>{2, 4, 62, 64, 72, 74}));
}

TEST_F(FilterPlan, TakesAnyOfSeveralValues) {
  Filter filter;
  filter.must = {{"case_id", {"case1", "case4", "elsewhere"}, {}, {}, {}}};
  EXPECT_EQ(patches(filter).size(), 40U);
}

TEST_F(FilterPlan, DoesNotTakeANumberForAText) {
  Filter filter;
  filter.must = {equals("year", "2001")};
  EXPECT_TRUE(patches(filter).empty());
}

TEST_F(FilterPlan, AsksWhetherAFieldIsThere) {
  snapshot_->slides[2].caption = "";
  Filter filter;
  filter.must = {{"caption", {}, {}, {}, false}};
  EXPECT_EQ(patches(filter).size(), 10U);
}

TEST_F(FilterPlan, RefusesAFieldThatNothingHas) {
  Filter filter;
  filter.should = {equals("organn", "x")};
  const auto allowed = allowed_patches(*snapshot_, fields_, filter, Exclude::kNone, {});
  ASSERT_FALSE(allowed.has_value());
  EXPECT_EQ(allowed.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(allowed.error().message.find("'organn'"), std::string::npos);
}

TEST_F(FilterPlan, ExcludesTheQueryItsSlideOrItsCase) {
  const PatchRecord& patch = snapshot_->patches[25];
  const SlideRecord& slide = snapshot_->slides[snapshot_->patch_slide[25]];
  const QueryOrigin origin{patch.id, {}, slide.id, slide.case_id};
  EXPECT_EQ(patches({}, Exclude::kNone, origin).size(), 100U);
  EXPECT_EQ(patches({}, Exclude::kSelf, origin).size(), 99U);
  EXPECT_EQ(patches({}, Exclude::kSlide, origin).size(), 90U);
  EXPECT_EQ(patches({}, Exclude::kCase, origin).size(), 80U);
}

TEST_F(FilterPlan, FiltersReportsByTheirCase) {
  Filter filter;
  filter.must = {equals("case_id", "case2")};
  const RowSet allowed = allowed_reports(*snapshot_, fields_, filter, Exclude::kNone, {}).value();
  EXPECT_EQ(allowed.count(), 1);
  EXPECT_TRUE(allowed.contains(2));
}

}  // namespace
}  // namespace clippath
