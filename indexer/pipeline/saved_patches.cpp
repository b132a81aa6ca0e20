// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/saved_patches.h"

#include <set>
#include <system_error>

#include "clippath/core/csv.h"
#include "clippath/core/fields.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

/// Below the folder of saved patches.
fs::path picture_path(const SlideId& slide, const Level0Rect& rect) {
  return fs::path(file_name_of(slide.value)) /
         (std::to_string(rect.x) + "_" + std::to_string(rect.y) + "_" + std::to_string(rect.width) +
          ".png");
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

/// An assumed scale must not come back as one that somebody stated.
std::vector<std::string> scale_cells(const std::optional<SlideScale>& scale) {
  if (!scale) return {"", ""};
  const std::string mpp = to_text(FieldValue(scale->mpp.value));
  if (scale->source == MppSource::kAssumed) return {"", mpp};
  return {mpp, mpp};
}

std::string patch_line(const SlideRecord& slide, const PatchRecord& patch, const fs::path& file) {
  std::vector<std::string> cells = {file.string(),
                                    unescape_id(slide.id.value),
                                    unescape_id(slide.case_id.value),
                                    patch.caption,
                                    std::to_string(patch.rect->x),
                                    std::to_string(patch.rect->y),
                                    std::to_string(patch.rect->width)};
  for (std::string& cell : scale_cells(slide.scale)) cells.push_back(std::move(cell));
  return csv_line(cells);
}

Result<void> write_slide_table(const fs::path& path, const std::vector<SlideRecord>& slides) {
  std::set<std::string> names;
  for (const SlideRecord& slide : slides) {
    for (const auto& [name, value] : slide.fields) names.insert(name);
  }
  CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
  std::vector<std::string> cells = {"slide", "case", "caption"};
  cells.insert(cells.end(), names.begin(), names.end());
  CLIPPATH_TRY_VOID(file.append(csv_line(cells)));
  for (const SlideRecord& slide : slides) {
    cells = {unescape_id(slide.id.value), unescape_id(slide.case_id.value), slide.caption};
    for (const std::string& name : names) {
      const auto field = slide.fields.find(name);
      cells.push_back(field == slide.fields.end() ? "" : to_text(field->second));
    }
    CLIPPATH_TRY_VOID(file.append(csv_line(cells)));
  }
  return file.commit();
}

}  // namespace

Result<void> make_picture_folder(const IndexRun& run, const SlideId& slide) {
  if (run.options().save_patches.empty()) return {};
  const fs::path folder = run.options().save_patches / file_name_of(slide.value);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(ErrorKind::kInternal, folder.string() + ": cannot be made: " + error.message());
  }
  return {};
}

void save_picture(IndexRun& run, const TilePicture& tile) {
  const fs::path& folder = run.options().save_patches;
  if (tile.as_read.empty() || tile.outcome.dropped || tile.outcome.error) return;
  const PatchRecord& patch = tile.outcome.patch;
  const auto written = write_file_durably(folder / picture_path(slide_of(patch.id), *patch.rect),
                                          encode_png(tile.as_read));
  if (!written) run.abort(written.error());
}

Result<bool> lacks_pictures(const IndexRun& run, const SlideRecord& stored,
                            const std::vector<SeriesRecord>& wanted) {
  const fs::path& folder = run.options().save_patches;
  if (folder.empty()) return false;
  std::set<std::int64_t> extents;
  for (const SeriesRecord& series : wanted) extents.insert(series.level0_extent);
  bool lacking = false;
  const auto look = [&](const SlideRecord& slide, PatchRow&& row) -> Result<void> {
    const std::optional<Level0Rect>& rect = row.record.rect;
    if (rect && extents.contains(rect->width)) {
      lacking = lacking || !is_there(folder / picture_path(slide.id, *rect));
    }
    return {};
  };
  CLIPPATH_TRY_VOID(run.records().each_patch_of(stored.id, look));
  return lacking;
}

Result<std::size_t> write_patch_tables(const fs::path& folder, const DataFolder& data) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(ErrorKind::kInternal, folder.string() + ": cannot be made: " + error.message());
  }
  CLIPPATH_TRY(StagedFile table, StagedFile::create(folder / "patches.csv"));
  CLIPPATH_TRY_VOID(table.append(csv_line({"file", "slide", "case", "caption", "level0_x",
                                           "level0_y", "level0_extent", "mpp", "mpp_used"})));
  std::size_t count = 0;
  std::vector<SlideRecord> slides;
  const auto add = [&](const SlideRecord& slide, PatchRow&& row) -> Result<void> {
    if (!row.record.rect) return {};
    const fs::path file = picture_path(slide.id, *row.record.rect);
    if (!is_there(folder / file)) return {};
    ++count;
    if (slides.empty() || slides.back().id != slide.id) slides.push_back(slide);
    return table.append(patch_line(slide, row.record, file));
  };
  CLIPPATH_TRY_VOID(data.records().each_patch(add));
  CLIPPATH_TRY_VOID(table.commit());
  CLIPPATH_TRY_VOID(write_slide_table(folder / "slides.csv", slides));
  return count;
}

}  // namespace clippath
