// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/decoders.h"
#include "cli/store_interchange.h"
#include "cli/writing_session.h"
#include "clippath/interchange.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

struct Options {
  std::vector<std::filesystem::path> files;
  std::filesystem::path data;
  std::vector<std::filesystem::path> models;
  std::optional<double> mpp;
  ImportOptions import;
};

struct FileOutcome {
  std::filesystem::path file;
  std::optional<ImportedSeries> series;
  std::string reason;  ///< why there is none
};

/// These faults meet every file, so the run ends with them.
bool ends_the_run(const Error& error) { return error.kind == ErrorKind::kOutOfSpace; }

void print_outcomes(const std::vector<FileOutcome>& outcomes, const Context& context) {
  Json files = Json::array();
  for (const FileOutcome& outcome : outcomes) {
    if (!outcome.series) {
      std::fprintf(stderr, "clippath: %s\n", outcome.reason.c_str());
      files.push_back({{"file", outcome.file.string()}, {"reason", outcome.reason}});
      continue;
    }
    const ImportedSeries& series = *outcome.series;
    files.push_back({{"file", outcome.file.string()},
                     {"slide_id", series.slide.value},
                     {"level0_extent", series.level0_extent},
                     {"patches", series.patches}});
    if (!context.json && !context.quiet) {
      std::printf("%s  %lld px  %zu patches\n", series.slide.value.c_str(),
                  static_cast<long long>(series.level0_extent), series.patches);
    }
  }
  if (context.json) std::printf("%s\n", to_text({{"files", std::move(files)}}).c_str());
}

int exit_code_of(const std::vector<FileOutcome>& outcomes) {
  std::size_t imported = 0;
  for (const FileOutcome& outcome : outcomes) imported += outcome.series ? 1 : 0;
  if (imported == outcomes.size()) return kDone;
  return imported == 0 ? kFailed : kPartlyDone;
}

Result<int> run_import(Options options, const Context& context) {
  if (options.mpp) options.import.mpp = MicronsPerPixel{*options.mpp};
  EncoderOptions encoder_options;
  encoder_options.towers = Towers::kImageOnly;
  CLIPPATH_TRY(const WritingSession session,
               open_for_writing(options.data, options.models, encoder_options, "store import"));
  if (session.encoders.size() > 1) {
    return fail(ErrorKind::kUnsupported,
                options.data.string() +
                    ": has several encoders; features of one go into a data folder of their own");
  }
  CLIPPATH_TRY(const Decoders decoders, make_decoders(1));
  const EncoderEntry encoder = session.folder->encoders().front();
  std::vector<FileOutcome> outcomes;
  for (const std::filesystem::path& file : options.files) {
    if (context.stop) break;
    auto series =
        import_features(file, decoders.read_features, encoder, options.import, *session.folder);
    if (!series && ends_the_run(series.error())) return fail(series.error());
    FileOutcome outcome{file, std::nullopt, {}};
    if (series) {
      outcome.series = *series;
    } else {
      outcome.reason = series.error().message;
    }
    outcomes.push_back(std::move(outcome));
  }
  CLIPPATH_TRY_VOID(publish_generations(*session.folder, {encoder.id}));
  print_outcomes(outcomes, context);
  return context.stop ? kInterrupted : exit_code_of(outcomes);
}

}  // namespace

void add_store_import(CLI::App& store, Context& context) {
  auto* command =
      store.add_subcommand("import", "Take features of TRIDENT or CLAM as patches of their slides");
  auto options = std::make_shared<Options>();
  command->add_option("FILE", options->files, "HDF5 files with features and coords, one a slide")
      ->required();
  command->add_option("--data", options->data, "Data folder; made where it is missing")
      ->required()
      ->envname("CLIPPATH_DATA");
  command
      ->add_option("--model", options->models,
                   "Folder of the model that made them (default: the data folder's own)")
      ->expected(1)
      ->allow_extra_args(false)
      ->envname("CLIPPATH_MODEL");
  command->add_flag("--trust-features", options->import.trust_features,
                    "Take files that do not name their model as this one's");
  command->add_flag("--replace", options->import.replace,
                    "Take the place of patches that are stored");
  command
      ->add_option("--level0-px", options->import.level0_extent,
                   "Side of the patches in level-0 pixels, where a file does not say")
      ->check(above_zero());
  command->add_option("--mpp", options->mpp, "Micrometres per pixel of the slides' level 0")
      ->check(CLI::Range(0.05, 20.0));
  add_common_options(*command, context);
  command->footer(
      "Example: clippath store import features/512um/features_*/*.h5 --data archive2 --model "
      "model");
  on_run(*command, context, [options, &context]() -> int {
    const auto exit_code = run_import(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
