// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "clippath/core/files.h"
#include "clippath/core/tcga_barcode.h"
#include "clippath/manifest.h"
#include "indexer/manifest/cells.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSlideExtensions = {
    std::string_view(".svs"),  std::string_view(".tif"),     std::string_view(".tiff"),
    std::string_view(".ndpi"), std::string_view(".vms"),     std::string_view(".vmu"),
    std::string_view(".scn"),  std::string_view(".mrxs"),    std::string_view(".bif"),
    std::string_view(".dcm"),  std::string_view(".svslide"), std::string_view(".czi")};

const std::set<std::string_view> kManifestColumns = {"slide",     "path", "case", "caption",
                                                     "report_id", "mpp",  "roi"};

bool is_slide_name(const fs::path& path) {
  return std::find(kSlideExtensions.begin(), kSlideExtensions.end(), lower_extension(path)) !=
         kSlideExtensions.end();
}

Result<SlideInput> slide_of_file(const fs::path& file, const std::string& name) {
  SlideInput slide;
  slide.id = SlideId(escape_id(name));
  if (slide.id.value.size() > kMaxIdBytes) {
    return fail(ErrorKind::kInvalidArgument,
                "'" + file.string() + "': the id '" + slide.id.value + "' is longer than " +
                    std::to_string(kMaxIdBytes) +
                    " bytes; name the slide in the column slide of a manifest");
  }
  slide.case_id = default_case(file.stem().string(), slide.id.value);
  slide.path = fs::absolute(file).lexically_normal();
  return slide;
}

/// Stands for the slides that may be in it. Its id ends like a folder's name: no file has that one.
SlideInput closed_folder(const fs::path& folder, const std::error_code& error) {
  SlideInput slide;
  slide.id = SlideId(escape_id((folder / "").generic_string()));
  slide.path = fs::absolute(folder).lexically_normal();
  slide.fault = "folder '" + folder.string() + "' cannot be read: " + error.message();
  return slide;
}

Result<void> add_folder(const fs::path& folder, IdFrom id_from, std::vector<SlideInput>& slides) {
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->symlink_status(error).type() == fs::file_type::directory) {
      std::error_code closed;
      fs::directory_iterator(entry->path(), closed);
      if (!closed) continue;
      slides.push_back(closed_folder(entry->path(), closed));
      entry.disable_recursion_pending();
      continue;
    }
    if (!is_slide_name(entry->path()) || !entry->is_regular_file(error) || error) continue;
    const std::string name = id_from == IdFrom::kStem
                                 ? entry->path().stem().string()
                                 : entry->path().lexically_relative(folder).generic_string();
    CLIPPATH_TRY(SlideInput slide, slide_of_file(entry->path(), name));
    slides.push_back(std::move(slide));
  }
  if (error) {
    return fail(ErrorKind::kNotFound,
                "folder '" + folder.string() + "' cannot be read: " + error.message());
  }
  return {};
}

std::vector<ReportId> report_ids_of(std::string_view cell) {
  std::vector<ReportId> ids;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find(';'), cell.size());
    std::string_view name = cell.substr(0, end);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) ids.emplace_back(escape_id(name));
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return ids;
}

Result<SlideInput> slide_of_row(const TableRow& row, const fs::path& folder) {
  const std::string path = row.text("path");
  if (path.empty()) return fail(row.fault("path", "must name the slide's file"));
  SlideInput slide;
  slide.path = fs::absolute(folder / path).lexically_normal();
  const std::string name = row.text("slide");
  CLIPPATH_TRY(slide.id.value,
               id_cell(row, "slide", name.empty() ? slide.path.stem().string() : name));
  const std::string case_name = row.text("case");
  if (case_name.empty()) {
    slide.case_id = default_case(slide.id.value, slide.id.value);
  } else {
    CLIPPATH_TRY(slide.case_id.value, id_cell(row, "case", case_name));
  }
  slide.caption = row.text("caption");
  slide.report_ids = report_ids_of(row.text("report_id"));
  CLIPPATH_TRY(slide.mpp, row.mpp("mpp"));
  const std::string roi = row.text("roi");
  if (!roi.empty()) slide.roi = fs::absolute(folder / roi).lexically_normal();
  slide.fields = row.fields(kManifestColumns);
  return slide;
}

Result<void> add_manifest(const fs::path& file, std::vector<SlideInput>& slides) {
  CLIPPATH_TRY(const CsvTable table, read_csv(file));
  if (!table.column("path")) {
    return fail(ErrorKind::kInvalidArgument,
                file.string() + " line 1: a manifest of slides needs a column 'path'");
  }
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    CLIPPATH_TRY(SlideInput slide, slide_of_row(TableRow(file, table, i), file.parent_path()));
    slides.push_back(std::move(slide));
  }
  return {};
}

std::string clash_of(const SlideInput& a, const SlideInput& b) {
  if (a.path == b.path) {
    return "'" + a.path.string() + "' is given twice, with different columns; give it once";
  }
  return "two slides have the id '" + a.id.value + "': '" + a.path.string() + "' and '" +
         b.path.string() + "'; use --id-from path, or name them in the column slide of a manifest";
}

/// One slide of each id, with a fault where several were given.
std::vector<SlideInput> one_of_each_id(std::vector<SlideInput> slides) {
  std::stable_sort(slides.begin(), slides.end(), [](const SlideInput& a, const SlideInput& b) {
    return std::tie(a.id, a.path) < std::tie(b.id, b.path);
  });
  slides.erase(std::unique(slides.begin(), slides.end()), slides.end());
  std::vector<SlideInput> unique;
  for (SlideInput& slide : slides) {
    if (unique.empty() || unique.back().id != slide.id) {
      unique.push_back(std::move(slide));
    } else if (unique.back().fault.empty()) {
      unique.back().fault = clash_of(unique.back(), slide);
    }
  }
  return unique;
}

}  // namespace

Result<std::vector<SlideInput>> collect_slides(const std::vector<fs::path>& inputs,
                                               IdFrom id_from) {
  std::vector<SlideInput> slides;
  for (const fs::path& input : inputs) {
    std::error_code error;
    const fs::file_status status = fs::status(input, error);
    if (!fs::exists(status)) {
      return fail(ErrorKind::kNotFound, "input '" + input.string() + "' does not exist");
    }
    if (fs::is_directory(status)) {
      CLIPPATH_TRY_VOID(add_folder(input, id_from, slides));
    } else if (lower_extension(input) == ".csv") {
      CLIPPATH_TRY_VOID(add_manifest(input, slides));
    } else {
      const std::string name =
          id_from == IdFrom::kStem ? input.stem().string() : input.filename().string();
      CLIPPATH_TRY(SlideInput slide, slide_of_file(input, name));
      slides.push_back(std::move(slide));
    }
  }
  if (slides.empty()) {
    return fail(ErrorKind::kInvalidArgument,
                "no slide among the inputs: give slide files, folders that hold some, or a CSV "
                "manifest with a column 'path'");
  }
  return one_of_each_id(std::move(slides));
}

}  // namespace clippath
