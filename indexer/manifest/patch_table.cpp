// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <map>

#include "clippath/core/tcga_barcode.h"
#include "clippath/manifest.h"
#include "indexer/manifest/cells.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

const std::set<std::string_view> kPatchColumns = {
    "file",     "slide", "case",          "caption", "level0_x", "x",
    "level0_y", "y",     "level0_extent", "extent",  "mpp",      "mpp_used"};
const std::set<std::string_view> kSlideColumns = {"slide", "case", "caption"};

// Coordinates of a level-0 frame that any scanner stays under.
constexpr std::int64_t kMostCoordinate = std::int64_t{1} << 31;

Result<std::int64_t> coordinate(const TableRow& row, const TableRow::Cell& cell,
                                std::int64_t least) {
  std::int64_t value = 0;
  const char* end = cell.text.data() + cell.text.size();
  const auto [stop, error] = std::from_chars(cell.text.data(), end, value);
  if (error != std::errc() || stop != end || value < least || value > kMostCoordinate) {
    return fail(row.fault(cell.column, "must be a whole number of level-0 pixels from " +
                                           std::to_string(least) + ", is '" + cell.text + "'"));
  }
  return value;
}

/// The patch's square on its slide; empty where the row gives no coordinates.
Result<std::optional<Level0Rect>> rect_of(const TableRow& row) {
  const auto x = row.first_of({"level0_x", "x"});
  const auto y = row.first_of({"level0_y", "y"});
  const auto extent = row.first_of({"level0_extent", "extent"});
  if (x.text.empty() && y.text.empty() && extent.text.empty()) return std::optional<Level0Rect>();
  for (const auto& cell : {x, y, extent}) {
    if (cell.text.empty()) {
      return fail(row.fault(cell.column, "must be given where other coordinates are"));
    }
  }
  Level0Rect rect;
  CLIPPATH_TRY(rect.x, coordinate(row, x, 0));
  CLIPPATH_TRY(rect.y, coordinate(row, y, 0));
  CLIPPATH_TRY(rect.width, coordinate(row, extent, 1));
  rect.height = rect.width;
  return std::optional(rect);
}

Result<std::optional<SlideScale>> scale_of(const TableRow& row, const MissingMpp& missing_mpp) {
  CLIPPATH_TRY(const std::optional<MicronsPerPixel> stated, row.mpp("mpp"));
  if (stated) return std::optional(SlideScale{*stated, MppSource::kManifest});
  CLIPPATH_TRY(const std::optional<MicronsPerPixel> used, row.mpp("mpp_used"));
  if (used) return std::optional(SlideScale{*used, MppSource::kAssumed});
  if (missing_mpp.policy == MissingMpp::Policy::kDefault) {
    return std::optional(SlideScale{missing_mpp.assumed, MppSource::kAssumed});
  }
  return std::optional<SlideScale>();
}

bool same_scale(const std::optional<SlideScale>& a, const std::optional<SlideScale>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->mpp == b->mpp && a->source == b->source);
}

/// What a table of slides says about one of them.
struct SlideTexts {
  std::string case_name;
  std::string caption;
  Fields fields;
};

Result<std::map<std::string, SlideTexts>> read_slide_texts(const fs::path& file) {
  CLIPPATH_TRY(const CsvTable table, read_csv(file));
  std::map<std::string, SlideTexts> texts;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TableRow row(file, table, i);
    CLIPPATH_TRY(const std::string id, id_cell(row, "slide", row.text("slide")));
    const bool added = texts
                           .emplace(id, SlideTexts{row.text("case"), row.text("caption"),
                                                   row.fields(kSlideColumns)})
                           .second;
    if (!added) return fail(row.fault("slide", "'" + id + "' is given twice"));
  }
  return texts;
}

Result<PatchInput> patch_of(const TableRow& row, const SlideId& slide, const fs::path& folder) {
  const std::string file = row.text("file");
  if (file.empty()) return fail(row.fault("file", "must name the patch's picture"));
  PatchInput patch;
  patch.file = fs::absolute(folder / file).lexically_normal();
  CLIPPATH_TRY(patch.rect, rect_of(row));
  patch.id = patch.rect ? make_patch_id(slide, {patch.rect->x, patch.rect->y}, patch.rect->width)
                        : make_patch_id(slide, patch.file.stem().string());
  patch.caption = row.text("caption");
  patch.fields = row.fields(kPatchColumns);
  return patch;
}

/// The slide's own columns stand in each of its rows and must not contradict each other.
Result<void> merge_slide_columns(const TableRow& row, const MissingMpp& missing_mpp, bool first,
                                 PatchTableSlide& slide) {
  const std::string case_id = escape_id(row.text("case"));
  CLIPPATH_TRY(const std::optional<SlideScale> scale, scale_of(row, missing_mpp));
  if (first) {
    slide.case_id = CaseId(case_id);
    slide.scale = scale;
    return {};
  }
  if (slide.case_id.value != case_id) {
    return fail(row.fault("case", "slide '" + slide.id.value + "' is of case '" +
                                      slide.case_id.value + "' in a row before"));
  }
  if (!same_scale(slide.scale, scale)) {
    return fail(row.fault("mpp", "slide '" + slide.id.value +
                                     "' has another scale in a row before; it is that of the "
                                     "slide's level 0, one for all patches"));
  }
  return {};
}

Result<void> complete_slide(const std::map<std::string, SlideTexts>& texts,
                            PatchTableSlide& slide) {
  if (const auto found = texts.find(slide.id.value); found != texts.end()) {
    if (slide.case_id.empty()) slide.case_id = CaseId(escape_id(found->second.case_name));
    slide.caption = found->second.caption;
    slide.fields = found->second.fields;
  }
  if (slide.case_id.empty()) slide.case_id = default_case(slide.id.value, slide.id.value);
  if (slide.case_id.value.size() > kMaxIdBytes) {
    return fail(ErrorKind::kInvalidArgument, "case '" + slide.case_id.value + "' is longer than " +
                                                 std::to_string(kMaxIdBytes) + " bytes");
  }
  for (PatchInput& patch : slide.patches) {
    if (patch.rect && slide.scale) {
      patch.extent_um = static_cast<double>(patch.rect->width) * slide.scale->mpp.value;
    }
  }
  return {};
}

}  // namespace

Result<std::vector<PatchTableSlide>> read_patch_table(const fs::path& patches,
                                                      const std::optional<fs::path>& slides,
                                                      const MissingMpp& missing_mpp) {
  std::map<std::string, SlideTexts> texts;
  if (slides) {
    CLIPPATH_TRY(texts, read_slide_texts(*slides));
  }
  CLIPPATH_TRY(const CsvTable table, read_csv(patches));
  for (const char* column : {"file", "slide"}) {
    if (!table.column(column)) {
      return fail(ErrorKind::kInvalidArgument,
                  patches.string() + " line 1: a table of patches needs a column '" + column + "'");
    }
  }

  std::map<std::string, PatchTableSlide> by_id;
  std::set<std::string> patch_ids;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const TableRow row(patches, table, i);
    CLIPPATH_TRY(const std::string id, id_cell(row, "slide", row.text("slide")));
    const auto [entry, first] = by_id.try_emplace(id);
    PatchTableSlide& slide = entry->second;
    slide.id = SlideId(id);
    CLIPPATH_TRY_VOID(merge_slide_columns(row, missing_mpp, first, slide));
    CLIPPATH_TRY(PatchInput patch, patch_of(row, slide.id, patches.parent_path()));
    if (!patch_ids.insert(patch.id.value).second) {
      return fail(row.fault("file", "the patch '" + patch.id.value + "' is given twice"));
    }
    slide.patches.push_back(std::move(patch));
  }
  if (by_id.empty()) {
    return fail(ErrorKind::kInvalidArgument, patches.string() + " holds no patch");
  }

  std::vector<PatchTableSlide> all;
  for (auto& [id, slide] : by_id) {
    CLIPPATH_TRY_VOID(complete_slide(texts, slide));
    all.push_back(std::move(slide));
  }
  return all;
}

}  // namespace clippath
