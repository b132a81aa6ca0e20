// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/store_interchange.h"
#include "clippath/data_folder.h"
#include "clippath/interchange.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path data;
  std::vector<std::string> slides;
  std::string format;
  ExportRequest request;
};

const std::map<std::string, ExportFormat> kFormats = {
    {"trident", ExportFormat::kTrident}, {"clam", ExportFormat::kClam},
    {"geojson", ExportFormat::kGeoJson}, {"csv", ExportFormat::kCsv},
    {"npy", ExportFormat::kNpy},         {"ndjson", ExportFormat::kNdjson}};

void print_summary(const ExportSummary& summary, const Context& context) {
  if (context.json) {
    Json files = Json::array();
    for (const auto& file : summary.files) files.push_back(file.string());
    std::printf("%s\n", to_text({{"patches", summary.patches},
                                 {"without_place", summary.without_place},
                                 {"files", std::move(files)},
                                 {"interrupted", summary.interrupted}})
                            .c_str());
  } else if (!context.quiet) {
    std::printf("%zu patches in %zu files\n", summary.patches, summary.files.size());
  }
  if (summary.without_place > 0) {
    std::fprintf(stderr,
                 "note: %zu patches have no place on a slide and are left out; csv, npy and ndjson "
                 "have them\n",
                 summary.without_place);
  }
}

Result<int> run_export(const Options& options, const Context& context) {
  ExportRequest request = options.request;
  request.format = kFormats.at(options.format);
  for (const std::string& slide : options.slides) request.slides.emplace_back(slide);
  CLIPPATH_TRY(const auto folder, DataFolder::open(options.data, Access::kRead, "store export"));
  CLIPPATH_TRY(const ExportSummary summary, export_patches(*folder, request, context.stop));
  print_summary(summary, context);
  return summary.interrupted ? kInterrupted : kDone;
}

}  // namespace

void add_store_export(CLI::App& store, Context& context) {
  auto* command = store.add_subcommand("export", "Write the patches for other programs");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->data, "Data folder")->required()->envname("CLIPPATH_DATA");
  command->add_option("--out", options->request.out, "Folder to write to")->required();
  command
      ->add_option("--format", options->format,
                   "trident, clam: HDF5 of places and features; geojson: tiles for QuPath; csv; "
                   "npy: vectors.npy and ids.jsonl; ndjson")
      ->required()
      ->check(CLI::IsMember({"trident", "clam", "geojson", "csv", "npy", "ndjson"}));
  command->add_option("--slide", options->slides,
                      "Id of a slide; may be given several times (default: all)");
  add_encoder_option(*command, options->request.encoder);
  add_common_options(*command, context);
  command->footer("Example: clippath store export --data archive --out features --format trident");
  on_run(*command, context, [options, &context]() -> int {
    const auto exit_code = run_export(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
