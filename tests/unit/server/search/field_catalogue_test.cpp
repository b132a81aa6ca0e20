// SPDX-License-Identifier: Apache-2.0
#include "server/search/field_catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/toy_snapshot.h"

namespace clippath {
namespace {

FieldSummary find(const std::vector<FieldSummary>& summaries, const std::string& name) {
  const auto found =
      std::find_if(summaries.begin(), summaries.end(),
                   [&](const FieldSummary& summary) { return summary.name == name; });
  return found == summaries.end() ? FieldSummary{} : *found;
}

TEST(FieldCatalogue, CountsPatchesByValueMostFrequentFirst) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  const FieldSummary organ = find(FieldCatalogue(*snapshot).summaries(), "organ");
  EXPECT_EQ(organ.type, "text");
  EXPECT_EQ(organ.rows, 100);
  ASSERT_EQ(organ.values.size(), 3U);
  EXPECT_EQ(organ.values[0], (std::pair<std::string, std::int64_t>{"organ0", 40}));
  EXPECT_EQ(organ.values[2], (std::pair<std::string, std::int64_t>{"organ2", 20}));
}

TEST(FieldCatalogue, ListsBuiltInFieldsThatHaveValues) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  const auto summaries = FieldCatalogue(*snapshot).summaries();
  EXPECT_EQ(find(summaries, "mpp").type, "number");
  EXPECT_EQ(find(summaries, "extent_um").rows, 100);
  EXPECT_EQ(find(summaries, "objective").rows, 0);
}

TEST(FieldCatalogue, CallsAColumnOfMixedTypesText) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  snapshot->slides[0].fields["year"] = "unknown";
  EXPECT_EQ(find(FieldCatalogue(*snapshot).summaries(), "year").type, "text");
}

TEST(FieldCatalogue, HasAttentionWhereAPatchWasScored) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  EXPECT_EQ(find(FieldCatalogue(*snapshot).summaries(), "attention").rows, 0);
  snapshot->patches[3].attention = 0.75;
  const FieldCatalogue fields(*snapshot);
  EXPECT_TRUE(fields.varies_within_slide("attention"));
  EXPECT_EQ(fields.of_patch(3, "attention"), FieldValue(0.75));
  EXPECT_FALSE(fields.of_patch(4, "attention"));
  EXPECT_EQ(find(fields.summaries(), "attention").rows, 1);
}

TEST(FieldCatalogue, PrefersThePatchesOwnValue) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  snapshot->patches[3].caption = "own words";
  const FieldCatalogue fields(*snapshot);
  EXPECT_EQ(fields.of_patch(3, "caption"), FieldValue("own words"));
  EXPECT_EQ(fields.of_patch(4, "caption"), FieldValue("diagnosis 0"));
}

}  // namespace
}  // namespace clippath
