// SPDX-License-Identifier: Apache-2.0
#include "store/generation/snapshot_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "store/generation/generation_manifest.h"

namespace clippath {
namespace {

/// Counts, hashes and, where asked, keeps rows. One thread at a time.
class RowCollector {
 public:
  explicit RowCollector(KeepVectors keep) : keep_(keep) {}

  Result<void> add(const std::string& id, const Embedding& vector) {
    if (rows_.rows == 0) rows_.dimension = vector.size();
    if (vector.size() != rows_.dimension) {
      return fail(ErrorKind::kCorruption,
                  "'" + id + "': its vector has " + std::to_string(vector.size()) +
                      " values, those before it have " + std::to_string(rows_.dimension));
    }
    hash_.add(id);
    ++rows_.rows;
    if (keep_ == KeepVectors::kYes)
      rows_.vectors.values.insert(rows_.vectors.values.end(), vector.begin(), vector.end());
    return {};
  }

  CollectionRows take() {
    rows_.ids_hash = hash_.value();
    if (keep_ == KeepVectors::kYes) {
      rows_.vectors.rows = static_cast<std::size_t>(rows_.rows);
      rows_.vectors.dimension = rows_.dimension;
    }
    return std::move(rows_);
  }

 private:
  const KeepVectors keep_;
  CollectionRows rows_;
  IdsHash hash_;
};

/// By series (whose tiles are as wide as its extent), then by place; patches without a place
/// follow, by id.
bool comes_before(const PatchRow& a, const PatchRow& b) {
  const std::optional<Level0Rect>& rect_a = a.record.rect;
  const std::optional<Level0Rect>& rect_b = b.record.rect;
  if (rect_a.has_value() != rect_b.has_value()) return rect_a.has_value();
  if (!rect_a) return a.record.id < b.record.id;
  return std::tie(rect_a->width, rect_a->y, rect_a->x, a.record.id) <
         std::tie(rect_b->width, rect_b->y, rect_b->x, b.record.id);
}

/// Puts the rows of one slide after the other into a snapshot. One thread at a time.
class PatchCollector {
 public:
  PatchCollector(Snapshot& snapshot, KeepVectors keep) : snapshot_(snapshot), collector_(keep) {}

  /// Rows of one slide come together.
  Result<void> add(const SlideRecord& slide, PatchRow&& row) {
    if (slide_ != slide.id) CLIPPATH_TRY_VOID(flush());
    slide_ = slide.id;
    waiting_.push_back(std::move(row));
    return {};
  }

  Result<CollectionRows> finish() {
    CLIPPATH_TRY_VOID(flush());
    return collector_.take();
  }

 private:
  Result<void> flush() {
    if (waiting_.empty()) return {};
    std::ranges::sort(waiting_, comes_before);
    const auto slide = snapshot_.slide_index.find(slide_.value);
    if (slide == snapshot_.slide_index.end())
      return fail(ErrorKind::kUnavailable, "slide '" + slide_.value + "': came in meanwhile");
    for (PatchRow& row : waiting_) {
      const std::string id = row.record.id.value;
      CLIPPATH_TRY_VOID(collector_.add(id, row.vector));
      snapshot_.patch_row.emplace(id, std::ssize(snapshot_.patches));
      snapshot_.patch_slide.push_back(slide->second);
      snapshot_.patches.push_back(std::move(row.record));
    }
    waiting_.clear();
    return {};
  }

  Snapshot& snapshot_;
  RowCollector collector_;
  SlideId slide_;
  std::vector<PatchRow> waiting_;
};

Result<void> read_slides(const Records& records, Snapshot& snapshot) {
  CLIPPATH_TRY(snapshot.slides, records.slides());
  std::erase_if(snapshot.slides, [&](const SlideRecord& slide) {
    return std::ranges::find(slide.encoders, snapshot.encoder) == slide.encoders.end();
  });
  std::ranges::sort(snapshot.slides, {},
                    [](const SlideRecord& slide) { return std::tie(slide.case_id, slide.id); });
  snapshot.slide_index.clear();
  for (std::uint32_t i = 0; i < snapshot.slides.size(); ++i) {
    snapshot.slide_index.emplace(snapshot.slides[i].id.value, i);
  }
  return {};
}

}  // namespace

Result<CollectionRows> read_patch_rows(const Records& records, Snapshot& snapshot,
                                       KeepVectors keep) {
  CLIPPATH_TRY_VOID(read_slides(records, snapshot));
  snapshot.patches.clear();
  snapshot.patch_slide.clear();
  snapshot.patch_row.clear();
  PatchCollector collector(snapshot, keep);
  CLIPPATH_TRY_VOID(
      records.each_patch([&](const SlideRecord& slide,
                             PatchRow&& row) { return collector.add(slide, std::move(row)); },
                         snapshot.encoder));
  return collector.finish();
}

Result<CollectionRows> read_report_rows(const Records& records, Snapshot& snapshot,
                                        KeepVectors keep) {
  snapshot.reports.clear();
  snapshot.report_row.clear();
  RowCollector collector(keep);
  const auto add = [&](ReportRow&& row) -> Result<void> {
    const std::string id = row.record.id.value;
    CLIPPATH_TRY_VOID(collector.add(id, row.vector));
    snapshot.report_row.emplace(id, std::ssize(snapshot.reports));
    snapshot.reports.push_back(std::move(row.record));
    return {};
  };
  CLIPPATH_TRY_VOID(records.each_report(add, snapshot.encoder));
  CLIPPATH_TRY(auto all, records.reports());
  for (ReportRecord& report : all) {
    const bool is_new =
        snapshot.report_row.emplace(report.id.value, std::ssize(snapshot.reports)).second;
    if (is_new) snapshot.reports.push_back(std::move(report));
  }
  return collector.take();
}

}  // namespace clippath
