// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clippath/data_folder.h"
#include "clippath/records.h"

namespace clippath::test {

inline const EncoderId kTestEncoder("0123456789abcdef0123456789abcdef");
inline const EncoderId kOtherEncoder("fedcba9876543210fedcba9876543210");
inline constexpr std::size_t kTestDimension = 16;

/// A random unit vector whose values half precision holds exactly, so that it comes back equal.
Embedding exact_unit_vector(std::uint64_t seed, std::size_t dimension = kTestDimension);

/// `count` patches of a series on a grid ten wide, the same for the same arguments.
std::vector<PatchRow> test_patches(const SlideId& slide, std::int64_t level0_extent,
                                   std::uint32_t count, std::uint64_t seed,
                                   std::size_t dimension = kTestDimension);

/// A slide record of test patches: one entry a series.
SlideRecord test_slide(const SlideId& slide, const CaseId& case_id,
                       const std::vector<std::int64_t>& level0_extents);

/// As a writer of one encoder takes them.
std::vector<EncodedPatch> encoded(const std::vector<PatchRow>& rows);
std::vector<EncodedReport> encoded(const std::vector<ReportRow>& rows);

ReportRow test_report(const ReportId& id, const CaseId& case_id, std::uint64_t seed);

/// Writes a slide with one series and completes it.
Result<void> write_test_slide(Records& records, const SlideId& slide, const CaseId& case_id,
                              std::int64_t level0_extent, std::uint32_t count, std::uint64_t seed);

/// How many patches store_process gives a version of a slide: one to four batches.
inline std::uint32_t patches_of_version(unsigned version) { return 100 + version * 157 % 700; }

/// What a patch holds, for comparison.
std::string describe(const PatchRow& row);

/// All patches that the records show, in the order in which they are visited.
Result<std::vector<PatchRow>> visible_patches(const Records& records);

}  // namespace clippath::test
