// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/store/test_rows.h"

#include <algorithm>
#include <random>
#include <sstream>

namespace clippath::test {

Embedding exact_unit_vector(std::uint64_t seed, std::size_t dimension) {
  // Four values of +-0.5 and zeros: unit length without rounding.
  std::mt19937_64 random(seed);
  Embedding vector(dimension, 0.0F);
  std::fill_n(vector.begin(), 4, 0.5F);
  for (std::size_t i = 0; i < 4; ++i) {
    if (random() % 2 == 0) vector[i] = -0.5F;
  }
  std::ranges::shuffle(vector, random);
  return vector;
}

std::vector<PatchRow> test_patches(const SlideId& slide, std::int64_t level0_extent,
                                   std::uint32_t count, std::uint64_t seed, std::size_t dimension) {
  std::vector<PatchRow> rows;
  rows.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    PatchRow row;
    const Level0Point origin{(i % 10) * level0_extent, (i / 10) * level0_extent};
    row.record.id = make_patch_id(slide, origin, level0_extent);
    row.record.rect = Level0Rect{origin.x, origin.y, level0_extent, level0_extent};
    row.record.extent_um = static_cast<double>(level0_extent) / 4;
    row.record.tissue_fraction = 0.75;
    row.record.white_fraction = 0.125;
    row.record.picture_hash = seed * 1'000'003 + i;
    row.record.fields = {{"grade", static_cast<double>(i)}};
    row.vector = exact_unit_vector(row.record.picture_hash, dimension);
    rows.push_back(std::move(row));
  }
  return rows;
}

SlideRecord test_slide(const SlideId& slide, const CaseId& case_id,
                       const std::vector<std::int64_t>& level0_extents) {
  SlideRecord record;
  record.id = slide;
  record.case_id = case_id;
  record.path = "slides/" + slide.value + ".svs";
  record.fingerprint = {std::string(64, 'a'), 1234, 5678};
  record.size = {40000, 30000};
  record.scale = SlideScale{MicronsPerPixel{0.25}, MppSource::kVendorTag};
  record.encoders = {kTestEncoder};
  record.fields = {{"organ", std::string("lung")}};
  for (std::int64_t level0_extent : level0_extents) {
    SeriesRecord series;
    series.level0_extent = level0_extent;
    series.pipeline_id = "0011223344556677";
    series.tiles = {{"grid", 100}, {"kept", 60}};
    record.series.push_back(series);
  }
  return record;
}

std::vector<EncodedPatch> encoded(const std::vector<PatchRow>& rows) {
  std::vector<EncodedPatch> all;
  for (const PatchRow& row : rows) all.push_back({row.record, {row.vector}});
  return all;
}

std::vector<EncodedReport> encoded(const std::vector<ReportRow>& rows) {
  std::vector<EncodedReport> all;
  for (const ReportRow& row : rows) all.push_back({row.record, {row.vector}});
  return all;
}

ReportRow test_report(const ReportId& id, const CaseId& case_id, std::uint64_t seed) {
  ReportRow row;
  row.record.id = id;
  row.record.case_id = case_id;
  row.record.text = "Text of report " + id.value + ", version " + std::to_string(seed);
  row.record.caption = "Adenocarcinoma";
  row.vector = exact_unit_vector(seed);
  return row;
}

Result<void> write_test_slide(Records& records, const SlideId& slide, const CaseId& case_id,
                              std::int64_t level0_extent, std::uint32_t count, std::uint64_t seed) {
  CLIPPATH_TRY(auto writer, records.write_slide(slide, {kTestEncoder}));
  CLIPPATH_TRY_VOID(
      writer->append(level0_extent, encoded(test_patches(slide, level0_extent, count, seed))));
  return writer->complete(test_slide(slide, case_id, {level0_extent}));
}

std::string describe(const PatchRow& row) {
  std::ostringstream text;
  text << row.record.id.value << ' ' << row.record.picture_hash << ' ' << row.record.extent_um;
  if (row.record.rect) text << " at " << row.record.rect->x << ',' << row.record.rect->y;
  for (const auto& [name, value] : row.record.fields) text << ' ' << name << '=' << to_text(value);
  for (float value : row.vector) text << ' ' << value;
  return text.str();
}

Result<std::vector<PatchRow>> visible_patches(const Records& records) {
  std::vector<PatchRow> rows;
  const auto keep = [&](const SlideRecord&, PatchRow&& row) -> Result<void> {
    rows.push_back(std::move(row));
    return {};
  };
  CLIPPATH_TRY_VOID(records.each_patch(keep));
  return rows;
}

}  // namespace clippath::test
