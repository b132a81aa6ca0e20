// SPDX-License-Identifier: Apache-2.0
#include "server/search/hit_assembler.h"

namespace clippath {
namespace {

ReportSummary summary_of(const ReportRecord& report) {
  return {report.id, report.caption, report.text};
}

}  // namespace

HitAssembler::HitAssembler(const Snapshot& snapshot, const Encoder* encoder) : snapshot_(snapshot) {
  if (encoder != nullptr) {
    const auto& names = encoder->info().card.training_slides;
    training_slides_.insert(names.begin(), names.end());
  }
  for (std::size_t row = 0; row < snapshot.reports.size(); ++row) {
    const ReportRecord& report = snapshot.reports[row];
    const auto number = static_cast<std::int64_t>(row);
    if (report.slide_id) report_of_slide_.try_emplace(report.slide_id->value, number);
    report_of_case_.try_emplace(report.case_id.value, number);
  }
}

const ReportRecord* HitAssembler::report_of(const SlideRecord& slide) const {
  for (const ReportId& id : slide.report_ids) {
    const auto named = snapshot_.report_row.find(id.value);
    if (named != snapshot_.report_row.end())
      return &snapshot_.reports[static_cast<std::size_t>(named->second)];
  }
  if (const auto own = report_of_slide_.find(slide.id.value); own != report_of_slide_.end()) {
    return &snapshot_.reports[static_cast<std::size_t>(own->second)];
  }
  if (const auto of_case = report_of_case_.find(slide.case_id.value);
      of_case != report_of_case_.end()) {
    return &snapshot_.reports[static_cast<std::size_t>(of_case->second)];
  }
  return nullptr;
}

bool HitAssembler::in_training(const SlideRecord& slide) const {
  if (training_slides_.contains(slide.id.value)) return true;
  // A manifest may state it, where the slide goes by another name than in the model's card.
  const auto stated = slide.fields.find("seen_in_training");
  return stated != slide.fields.end() && stated->second == FieldValue(true);
}

void HitAssembler::describe_slide(const SlideRecord& slide, Hit& hit) const {
  hit.slide_id = slide.id;
  hit.case_id = slide.case_id;
  hit.scale = slide.scale;
  hit.caption = slide.caption;
  hit.fields = slide.fields;
  hit.partial_slide = slide.partial;
  hit.in_training = in_training(slide);
}

Hit HitAssembler::patch_hit(const RowHit& row_hit, const QueryOrigin& origin) const {
  const auto row = static_cast<std::size_t>(row_hit.row);
  const PatchRecord& patch = snapshot_.patches[row];
  const SlideRecord& slide = snapshot_.slides[snapshot_.patch_slide[row]];
  Hit hit;
  hit.kind = HitKind::kPatch;
  hit.id = patch.id.value;
  hit.similarity = row_hit.similarity;
  describe_slide(slide, hit);
  hit.patch_id = patch.id;
  hit.rect = patch.rect;
  hit.extent_um = patch.extent_um;
  hit.caption = caption_of(slide, patch);
  hit.fields = fields_of(slide, patch);
  hit.linked = slide.case_id == origin.case_id;
  if (const ReportRecord* report = report_of(slide)) hit.report = summary_of(*report);
  return hit;
}

Hit HitAssembler::slide_hit(const RowHit& best_patch, const QueryOrigin& origin) const {
  Hit hit = patch_hit(best_patch, origin);
  hit.kind = HitKind::kSlide;
  hit.id = hit.slide_id.value;
  return hit;
}

Hit HitAssembler::report_hit(const RowHit& row_hit, const QueryOrigin& origin) const {
  const ReportRecord& report = snapshot_.reports[static_cast<std::size_t>(row_hit.row)];
  Hit hit;
  hit.kind = HitKind::kReport;
  if (report.slide_id) {
    const auto slide = snapshot_.slide_index.find(report.slide_id->value);
    if (slide != snapshot_.slide_index.end()) describe_slide(snapshot_.slides[slide->second], hit);
    hit.slide_id = *report.slide_id;
  }
  hit.id = report.id.value;
  hit.similarity = row_hit.similarity;
  hit.case_id = report.case_id;
  hit.caption = report.caption;
  for (const auto& [name, value] : report.fields) hit.fields[name] = value;
  hit.report = summary_of(report);
  hit.linked = report.case_id == origin.case_id;
  return hit;
}

}  // namespace clippath
