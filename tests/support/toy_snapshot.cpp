// SPDX-License-Identifier: Apache-2.0
#include "tests/support/toy_snapshot.h"

#include <random>
#include <string>

#include "clippath/core/check.h"

namespace clippath::test {
namespace {

void append_random_unit_row(EmbeddingMatrix& matrix, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Embedding vector(matrix.dimension);
  for (float& value : vector) value = normal(random);
  CLIPPATH_CHECK(normalize(vector));
  matrix.values.insert(matrix.values.end(), vector.begin(), vector.end());
  ++matrix.rows;
}

SlideRecord make_slide(int c, int i) {
  SlideRecord slide;
  slide.case_id = CaseId("case" + std::to_string(c));
  slide.id = SlideId(slide.case_id.value + "-s" + std::to_string(i));
  slide.caption = "diagnosis " + std::to_string(c);
  slide.scale = SlideScale{{0.5}, MppSource::kSlideTag};
  slide.fields = {{"organ", "organ" + std::to_string(c % 3)},
                  {"year", 2000.0 + c},
                  {"stain", i % 2 == 0 ? "HE" : "IHC"}};
  return slide;
}

PatchRecord make_patch(const SlideRecord& slide, int position) {
  PatchRecord patch;
  patch.rect = Level0Rect{position % 10 * 100, position / 10 * 100, 100, 100};
  patch.id = make_patch_id(slide.id, {patch.rect->x, patch.rect->y}, 100);
  patch.extent_um = 50;
  patch.fields = {{"grade", static_cast<double>(position)}};
  return patch;
}

}  // namespace

std::shared_ptr<Snapshot> make_toy_snapshot(const ToyShape& shape, unsigned seed) {
  std::mt19937 random(seed);
  auto snapshot = std::make_shared<Snapshot>();
  EmbeddingMatrix patches{0, shape.dimension, {}};
  EmbeddingMatrix reports{0, shape.dimension, {}};
  for (int c = 0; c < shape.cases; ++c) {
    for (int i = 0; i < shape.slides_per_case; ++i) {
      const auto slide_number = static_cast<std::uint32_t>(snapshot->slides.size());
      snapshot->slides.push_back(make_slide(c, i));
      const SlideRecord& slide = snapshot->slides.back();
      snapshot->slide_index[slide.id.value] = slide_number;
      for (int p = 0; p < shape.patches_per_slide; ++p) {
        snapshot->patches.push_back(make_patch(slide, p));
        snapshot->patch_slide.push_back(slide_number);
        snapshot->patch_row[snapshot->patches.back().id.value] =
            static_cast<std::int64_t>(patches.rows);
        append_random_unit_row(patches, random);
      }
    }
    for (int r = 0; r < shape.reports_per_case; ++r) {
      ReportRecord report;
      report.id = ReportId("report" + std::to_string(c) + "-" + std::to_string(r));
      report.case_id = CaseId("case" + std::to_string(c));
      report.caption = "diagnosis " + std::to_string(c);
      report.text = "Text of " + report.id.value;
      snapshot->report_row[report.id.value] = static_cast<std::int64_t>(reports.rows);
      snapshot->reports.push_back(std::move(report));
      append_random_unit_row(reports, random);
    }
  }
  if (patches.rows > 0) snapshot->patch_vectors = std::move(make_flat_index(patches).value());
  if (reports.rows > 0) snapshot->report_vectors = std::move(make_flat_index(reports).value());
  return snapshot;
}

}  // namespace clippath::test
