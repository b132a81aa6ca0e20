// SPDX-License-Identifier: Apache-2.0
#include "cli/stain_reference.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/decoders.h"
#include "cli/missing_mpp.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/stain_reference.h"
#include "core/json/json.h"
#include "indexer/stain/profile_json.h"

namespace clippath::cli {
namespace {

constexpr int kSheetColumns = 4;

struct Options {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path profile;
  std::filesystem::path contact_sheet;
  std::string method = "vahadane";
  std::string missing_mpp = "error";
  ReferenceOptions reference;
};

template <class... Values>
std::string formatted(const char* format, Values... values) {
  char line[96];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

std::string place_of(const ReferenceTile& tile) {
  return make_patch_id(tile.slide, {tile.rect.x, tile.rect.y}, tile.rect.width).value;
}

Result<void> write_sheet(const std::filesystem::path& path, const ReferenceRanking& ranking) {
  std::vector<SheetCell> cells;
  for (const ReferenceTile& tile : ranking.tiles) {
    const ReferenceCriteria& is = tile.criteria;
    cells.push_back(
        {tile.picture,
         {formatted("%zu: %.3f", cells.size() + 1, tile.score),
          formatted("white %.2f variety %.2f nuclei %.2f", is.white, is.variety, is.nuclei),
          place_of(tile)}});
  }
  return write_file_durably(path, encode_jpeg(make_contact_sheet(cells, kSheetColumns), 90));
}

Json json_of(const ReferenceTile& tile) {
  return {{"id", place_of(tile)},
          {"slide", tile.slide.value},
          {"level0_x", tile.rect.x},
          {"level0_y", tile.rect.y},
          {"level0_extent", tile.rect.width},
          {"score", tile.score},
          {"white", tile.criteria.white},
          {"variety", tile.criteria.variety},
          {"lab", tile.criteria.lab},
          {"nuclei", tile.criteria.nuclei}};
}

void print_ranking(const ReferenceRanking& ranking, const StainProfile& profile,
                   const Context& context) {
  if (context.json) {
    Json tiles = Json::array();
    for (const ReferenceTile& tile : ranking.tiles) tiles.push_back(json_of(tile));
    const Json document = {{"candidates", ranking.candidates},
                           {"tiles", std::move(tiles)},
                           {"profile", to_json(profile)},
                           {"failed", ranking.failed}};
    std::printf("%s\n", to_text(document, 2).c_str());
    return;
  }
  for (const std::string& one : ranking.failed) std::fprintf(stderr, "failed: %s\n", one.c_str());
  if (context.quiet) return;
  std::printf("%4s  %5s  %5s  %7s  %6s  %18s  tile\n", "rank", "score", "white", "variety",
              "nuclei", "L, a, b");
  for (std::size_t i = 0; i < ranking.tiles.size(); ++i) {
    const ReferenceTile& tile = ranking.tiles[i];
    const auto& [white, variety, lab, nuclei] = tile.criteria;
    std::printf("%4zu  %5.3f  %5.2f  %7.2f  %6.2f  %5.1f %5.1f %6.1f  %s\n", i + 1, tile.score,
                white, variety, nuclei, lab[0], lab[1], lab[2], place_of(tile).c_str());
  }
  std::printf("%zu tiles compared\n", ranking.candidates);
}

/// No input matched: to a script that is wrong usage, whatever the reason.
Result<std::vector<SlideInput>> slides_of(const Options& options) {
  auto slides = collect_slides(options.inputs, IdFrom::kStem);
  if (slides) return slides;
  Error error = slides.error();
  error.kind = ErrorKind::kInvalidArgument;
  return fail(std::move(error));
}

Result<int> run_reference(Options options, const Context& context) {
  CLIPPATH_TRY(options.reference.missing_mpp, parse_missing_mpp(options.missing_mpp));
  CLIPPATH_TRY(const StainMethod method, parse_stain_method(options.method));
  CLIPPATH_TRY(const std::vector<SlideInput> slides, slides_of(options));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  options.reference.threads = context.threads;
  const ReferenceRanking ranking =
      rank_reference_tiles(slides, options.reference, decoders.open_slide, context.stop);
  if (context.stop) return kInterrupted;
  if (ranking.tiles.empty()) {
    for (const std::string& one : ranking.failed) {
      std::fprintf(stderr, "failed: %s\n", one.c_str());
    }
    return fail(ErrorKind::kFailedPrecondition, "no slide has a tile that could be the reference");
  }
  CLIPPATH_TRY(const StainProfile profile, fit_stain({&ranking.tiles.front().picture, 1}, method));
  if (!options.profile.empty()) {
    const std::string text = to_json_text(profile) + "\n";
    CLIPPATH_TRY_VOID(
        write_file_durably(options.profile, std::vector<std::uint8_t>(text.begin(), text.end())));
  }
  if (!options.contact_sheet.empty()) {
    CLIPPATH_TRY_VOID(write_sheet(options.contact_sheet, ranking));
  }
  print_ranking(ranking, profile, context);
  return ranking.failed.empty() ? kDone : kPartlyDone;
}

void add_tile_options(CLI::App& command, Options& options) {
  command
      .add_option("--um", options.reference.field.value, "Field of view of a tile in micrometres")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option("--missing-mpp", options.missing_mpp,
                  "Slides of unknown scale: error, skip, default=V (micrometres a pixel)")
      ->capture_default_str();
  command
      .add_option("--tiles-per-slide", options.reference.tiles_per_slide,
                  "Most tiles of a slide that are compared, evenly spread over its tissue")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
}

}  // namespace

void add_stain_reference(CLI::App& stain, Context& context) {
  auto* command = stain.add_subcommand(
      "reference", "Rank tiles of slides as the reference that others are normalised to");
  const auto options = std::make_shared<Options>();
  command->add_option("SLIDES", options->inputs, "Slides, folders of slides, or a CSV manifest")
      ->required();
  command->add_option("--profile", options->profile,
                      "Write the best tile's profile, for --stain-reference and --target (JSON)");
  command->add_option("--contact-sheet", options->contact_sheet,
                      "Write the best tiles as one JPEG");
  command->add_option("-k", options->reference.most, "Number of tiles shown")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  command
      ->add_option("--method", options->method,
                   "Method of the profile; the ranking does not depend on it")
      ->check(CLI::IsMember({"reinhard", "macenko", "vahadane"}))
      ->capture_default_str();
  add_tile_options(*command, *options);
  add_common_options(*command, context);
  command->footer(
      "Example: clippath stain reference slides/ --profile reference.json --contact-sheet "
      "best.jpg");
  on_run(*command, context, [options, &context]() -> int {
    const Result<int> exit_code = run_reference(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
