// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/attention_options.h"
#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/index_summary.h"
#include "cli/index_tile_options.h"
#include "cli/index_tissue_options.h"
#include "cli/missing_mpp.h"
#include "cli/progress.h"
#include "cli/stain_target.h"
#include "cli/verify_patches.h"
#include "cli/writing_session.h"
#include "clippath/core/log.h"
#include "clippath/core/short_text.h"
#include "clippath/manifest.h"
#include "clippath/pipeline.h"
#include "clippath/slide.h"

namespace clippath::cli {
namespace {

struct Options {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path data;
  std::vector<std::filesystem::path> models;
  std::filesystem::path patches;
  std::filesystem::path slides;
  std::vector<double> um;
  std::vector<double> level0_px;
  TileOptions tiles;
  std::string missing_mpp = "error";
  TissueOptions tissue;
  std::string stain;  ///< empty: as the data folder has it, else as the model's card says
  std::string stain_scope;
  std::filesystem::path stain_reference;
  std::string id_from = "stem";
  AttentionOptions attention;
  bool resume = true;
  bool dry_run = false;
  std::vector<std::string> verify;
  EncoderOptions encoder;
  IndexOptions index;
};

/// What the command line and the tables name, read before anything is opened or written.
struct Work {
  std::vector<SlideInput> slides;
  std::vector<PatchTableSlide> table;
};

Result<Work> collect_work(const Options& options) {
  Work work;
  if (options.inputs.empty() && options.patches.empty()) {
    return fail(ErrorKind::kInvalidArgument,
                "nothing to index: give slides, folders or a manifest, or --patches FILE");
  }
  if (!options.inputs.empty()) {
    const IdFrom id_from = options.id_from == "path" ? IdFrom::kPath : IdFrom::kStem;
    auto slides = collect_slides(options.inputs, id_from);
    if (!slides) {
      // No input matched: to a script that is wrong usage, whatever the reason.
      Error error = slides.error();
      error.kind = ErrorKind::kInvalidArgument;
      return fail(std::move(error));
    }
    work.slides = std::move(*slides);
  }
  CLIPPATH_TRY_VOID(assign_regions(options.tiles, work.slides));
  if (!options.patches.empty()) {
    std::optional<std::filesystem::path> slides;
    if (!options.slides.empty()) slides = options.slides;
    CLIPPATH_TRY(work.table, read_patch_table(options.patches, slides, options.index.missing_mpp));
  }
  return work;
}

/// The fields of view that were asked for, else the one that the model was trained on.
Result<std::vector<FieldOfView>> choose_fields(const Options& options, const ModelCard& card) {
  std::vector<FieldOfView> fields;
  for (const double um : options.um) fields.push_back({FieldOfView::Unit::kMicrons, um});
  for (const double px : options.level0_px) {
    fields.push_back({FieldOfView::Unit::kLevel0Pixels, px});
  }
  if (options.tiles.field) fields.push_back(*options.tiles.field);
  if (fields.empty() && card.default_extent_um > 0) {
    fields.push_back({FieldOfView::Unit::kMicrons, card.default_extent_um});
  }
  if (fields.empty()) {
    return fail(Error{ErrorKind::kInvalidArgument,
                      "the model '" + card.name +
                          "' does not say which field of view it was trained on: give --um, "
                          "usually 256 or 512",
                      "um"});
  }
  for (const FieldOfView& field : fields) {
    if (std::ranges::count(fields, field) == 1) continue;
    const bool in_um = field.unit == FieldOfView::Unit::kMicrons;
    return fail({ErrorKind::kInvalidArgument,
                 std::string(in_um ? "--um " : "--level0-px ") + short_text(field.value) +
                     ": this field of view is given twice",
                 in_um ? "um" : "level0_px"});
  }
  return fields;
}

/// The stain rule that was asked for, else the data folder's, else the model's.
Result<std::optional<StainRule>> choose_stain(const Options& options, const ModelCard& card,
                                              const std::vector<PipelineDocument>& pipelines,
                                              const PictureDecoder& decode) {
  const bool asked =
      !options.stain.empty() || !options.stain_scope.empty() || !options.stain_reference.empty();
  if (!asked && !pipelines.empty()) return pipelines.front().stain;

  if (options.stain == "none" &&
      (!options.stain_scope.empty() || !options.stain_reference.empty())) {
    return fail(ErrorKind::kInvalidArgument,
                "--stain none: has neither a reference nor a scope; leave those options away");
  }
  std::string word = options.stain.empty() ? card.stain : options.stain;
  if (options.stain.empty() && word == "none" && asked) word = "vahadane";
  if (word == "none") return std::nullopt;
  CLIPPATH_TRY(const StainMethod method, parse_stain_method(word));
  StainRule rule;
  rule.target = default_stain_target(method);
  if (method == StainMethod::kReinhard) {
    if (options.stain_scope == "slide") {
      return fail(ErrorKind::kInvalidArgument,
                  "--stain-scope slide: reinhard takes the colours of each picture as a whole and "
                  "has patch scope only");
    }
    rule.scope = StainScope::kPatch;
  }
  // A second run need not repeat what the folder knows.
  if (!pipelines.empty() && pipelines.front().stain &&
      pipelines.front().stain->target.method == method) {
    rule = *pipelines.front().stain;
  }
  if (!options.stain_scope.empty()) {
    CLIPPATH_TRY(rule.scope, parse_stain_scope(options.stain_scope));
  }
  if (!options.stain_reference.empty()) {
    CLIPPATH_TRY(rule.target, read_stain_target(options.stain_reference, method, decode));
  }
  return rule;
}

void append(IndexSummary more, IndexSummary& summary) {
  for (SlideOutcome& slide : more.slides) summary.slides.push_back(std::move(slide));
  summary.interrupted = summary.interrupted || more.interrupted;
  summary.seconds += more.seconds;
}

Result<IndexSummary> index_all(const Work& work, const IndexOptions& options,
                               const WritingSession& session, const Decoders& decoders,
                               const Context& context) {
  IndexSummary summary;
  if (!work.slides.empty()) {
    ProgressDisplay display(context);
    CLIPPATH_TRY(
        IndexSummary slides,
        index_slides(
            work.slides, options, borrowed(session.encoders), decoders.open_slide, *session.folder,
            [&display](const IndexProgress& progress) { display.show(progress); }, context.stop));
    append(std::move(slides), summary);
  }
  if (!work.table.empty() && !context.stop) {
    ProgressDisplay display(context);
    CLIPPATH_TRY(
        IndexSummary table,
        index_patch_table(
            work.table, options, borrowed(session.encoders), decoders.decode_picture,
            *session.folder, [&display](const IndexProgress& progress) { display.show(progress); },
            context.stop));
    append(std::move(table), summary);
  }
  summary.interrupted =
      summary.interrupted || summary.slides.size() < work.slides.size() + work.table.size();
  return summary;
}

void print_encoder(const EncoderInfo& info) {
  std::fprintf(stderr, "encoder %s%s, %s (%s)\n", info.card.name.c_str(),
               info.card.demo ? " (demo model)" : "", std::string(to_string(info.dtype)).c_str(),
               info.dtype_reason.c_str());
}

/// The data folder as it is; nothing where the run would make it.
Result<std::unique_ptr<DataFolder>> open_for_dry_run(const Options& options) {
  auto folder = DataFolder::open(options.data, Access::kRead, "index --dry-run");
  const bool is_new = !folder && folder.error().kind == ErrorKind::kNotFound;
  if (is_new && !options.models.empty()) return nullptr;
  return folder;
}

/// The models given, else those of the data folder.
Result<LoadedEncoders> load_for_dry_run(const Options& options, const DataFolder* folder) {
  if (options.models.empty()) return load_kept_encoders(*folder, options.encoder);
  LoadedEncoders loaded;
  for (const std::filesystem::path& model : options.models) {
    CLIPPATH_TRY(auto encoder, load_encoder(model, options.encoder));
    loaded.push_back(std::move(encoder));
  }
  return loaded;
}

Result<int> dry_run(const Work& work, Options options, const Context& context) {
  CLIPPATH_TRY(const auto folder, open_for_dry_run(options));
  CLIPPATH_TRY(const LoadedEncoders loaded, load_for_dry_run(options, folder.get()));
  const EncoderList encoders = borrowed(loaded);
  const ModelCard& card = encoders.front()->info().card;
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  CLIPPATH_TRY(options.index.fields, choose_fields(options, card));
  const auto pipelines = folder ? folder->pipelines() : std::vector<PipelineDocument>();
  CLIPPATH_TRY(options.index.stain,
               choose_stain(options, card, pipelines, decoders.decode_picture));
  IndexPlan plan =
      plan_slides(work.slides, options.index, encoders, decoders.open_slide, context.stop);
  for (const PatchTableSlide& slide : work.table) {
    const auto patches = static_cast<std::int64_t>(slide.patches.size());
    plan.slides.push_back({slide.id, patches, patches, {}});
  }
  print_plan(plan, encoders, context);
  CLIPPATH_TRY_VOID(explain_tissue(options.tissue, work.slides, options.index, encoders,
                                   decoders.open_slide, context));
  return context.stop ? kInterrupted : exit_code_of(plan);
}

Result<int> run_index(Options options, const Context& context) {
  CLIPPATH_TRY(options.index.missing_mpp, parse_missing_mpp(options.missing_mpp));
  CLIPPATH_TRY_VOID(settle_tile_options(options.tiles, options.index));
  CLIPPATH_TRY_VOID(settle_tissue(options.tissue, options.index));
  options.index.threads = context.threads;
  options.index.retry_all = !options.resume;
  options.encoder.towers = Towers::kImageOnly;
  CLIPPATH_TRY_VOID(settle_attention(options.attention, options.encoder.device, options.index));
  if (!options.verify.empty()) {
    return verify_patches(options.data, options.verify, options.encoder,
                          options.index.attention_network.get(), context);
  }
  CLIPPATH_TRY(const Work work, collect_work(options));
  if (options.dry_run) return dry_run(work, options, context);

  CLIPPATH_TRY(const WritingSession session,
               open_for_writing(options.data, options.models, options.encoder, "index"));
  const EncoderList encoders = borrowed(session.encoders);
  const ModelCard& card = encoders.front()->info().card;
  CLIPPATH_TRY(options.index.fields, choose_fields(options, card));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  CLIPPATH_TRY(options.index.stain,
               choose_stain(options, card, session.folder->pipelines(), decoders.decode_picture));
  if (!context.quiet) {
    for (const Encoder* encoder : encoders) print_encoder(encoder->info());
  }
  CLIPPATH_TRY(const IndexSummary summary,
               index_all(work, options.index, session, decoders, context));
  if (!options.index.save_patches.empty()) {
    CLIPPATH_TRY(const std::size_t saved,
                 write_patch_tables(options.index.save_patches, *session.folder));
    log(LogLevel::kInfo, "patches.csv lists " + std::to_string(saved) + " saved patches");
  }
  if (!summary.interrupted) {
    CLIPPATH_TRY_VOID(publish_generations(*session.folder, ids_of(encoders)));
  }
  print_summary(summary, encoders, context);
  CLIPPATH_TRY_VOID(explain_tissue(options.tissue, work.slides, options.index, encoders,
                                   decoders.open_slide, context));
  return exit_code_of(summary);
}

void add_grid_options(CLI::App& command, Options& options) {
  command
      .add_option("--um", options.um, "Fields of view in micrometres (default: the model's own)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(above_zero());
  command
      .add_option("--level0-px", options.level0_px,
                  "Fields of view in level-0 pixels, one series each: 1024,2048,3072")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(above_zero());
  command
      .add_option("--overlap", options.index.overlap,
                  "Overlap of tiles, as a share of a side; gaps below 0: -1 leaves out every other "
                  "tile of a row, and every other row")
      ->check(CLI::Range(-9.0, 0.9))
      ->capture_default_str();
  command
      .add_option("--missing-mpp", options.missing_mpp,
                  "Slides of unknown scale: error, skip, default=V (micrometres a pixel)")
      ->capture_default_str();
}

void add_stain_options(CLI::App& command, Options& options) {
  command
      .add_option("--stain", options.stain,
                  "Stain normalisation (default: the data folder's, else the model's)")
      ->check(CLI::IsMember({"none", "reinhard", "macenko", "vahadane"}));
  command.add_option("--stain-reference", options.stain_reference,
                     "Picture whose colours all others get, or a profile that `stain fit` wrote "
                     "(default: the bundled patches together)");
  command
      .add_option("--stain-scope", options.stain_scope,
                  "slide: one stain matrix for all pictures of a slide (default); patch: each its "
                  "own (reinhard always)")
      ->check(CLI::IsMember({"patch", "slide"}));
}

}  // namespace

void add_index_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("index", "Read slides, encode their tissue, store it");
  auto options = std::make_shared<Options>();
  command->add_option("INPUT", options->inputs,
                      "Slides, folders of slides, or a CSV manifest (columns slide, path, case, "
                      "caption, report_id, mpp, roi; others become fields)");
  command->add_option("--data", options->data, "Data folder; made where it is missing")
      ->required()
      ->envname("CLIPPATH_DATA");
  add_models_option(*command, options->models);
  auto* patches = command->add_option("--patches", options->patches,
                                      "CSV of ready-made patches (columns file, slide, case, "
                                      "caption, level0_x, level0_y, level0_extent, mpp)");
  command->add_option("--slides", options->slides, "CSV of the slides that --patches names")
      ->needs(patches);
  command
      ->add_option("--save-patches", options->index.save_patches,
                   "Folder that gets every kept patch as PNG, before stain, and a patches.csv that "
                   "--patches reads")
      ->excludes(patches);
  add_grid_options(*command, *options);
  add_tile_options(*command, options->tiles);
  add_tissue_options(*command, options->tissue);
  add_stain_options(*command, *options);
  add_attention_options(*command, options->attention);
  command->add_option("--id-from", options->id_from, "Slide ids: the file's stem, or its path")
      ->check(CLI::IsMember({"stem", "path"}))
      ->capture_default_str();
  command->add_flag("--replace", options->index.replace,
                    "Take a slide whose id is stored from another file");
  command->add_flag("--resume,!--no-resume", options->resume,
                    "Leave slides alone that are stored with the same settings (default)");
  command->add_flag("--retry-failed", options->index.retry_failed,
                    "Index slides again that are stored as partial or without patches");
  command->add_flag("--dry-run", options->dry_run, "Tell what would be done, write nothing");
  command
      ->add_option("--verify-patch", options->verify,
                   "Index nothing: make stored patches again from their slides, step by step, "
                   "and compare (repeatable)")
      ->allow_extra_args(false);
  add_compute_options(*command, options->encoder);
  add_common_options(*command, context);
  command->footer(
      "Example: clippath index slides/ --data archive --model demo/model/atlas-clippath-small --um "
      "512");
  on_run(*command, context, [options, &context]() -> int {
    const auto exit_code = run_index(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
