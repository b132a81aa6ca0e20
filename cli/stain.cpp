// SPDX-License-Identifier: Apache-2.0
#include "clippath/stain.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/picture_files.h"
#include "cli/stain_reference.h"
#include "cli/stain_target.h"
#include "clippath/core/files.h"
#include "clippath/core/mutex.h"
#include "clippath/core/on_threads.h"
#include "clippath/core/pictures.h"
#include "clippath/core/spread_sample.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<fs::path> inputs;
  std::string method;  ///< empty: the target profile's own, else vahadane
  std::string scope = "slide";
  fs::path target;
  fs::path matrix;
  fs::path out;
};

/// What became of the pictures of one run.
struct Tally {
  Mutex mutex;
  std::size_t normalised CLIPPATH_GUARDED_BY(mutex) = 0;
  std::vector<std::string> left_alone CLIPPATH_GUARDED_BY(mutex);
  std::vector<std::string> failed CLIPPATH_GUARDED_BY(mutex);
};

Result<std::optional<StainMethod>> chosen_method(const Options& options) {
  if (options.method.empty()) return std::nullopt;
  return parse_stain_method(options.method);
}

Result<int> run_fit(const Options& options, const Context& context) {
  CLIPPATH_TRY(const auto method, chosen_method(options));
  CLIPPATH_TRY(const auto groups, collect_pictures(options.inputs));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  CLIPPATH_TRY(const auto pictures, read_pictures(groups, decoders.decode_picture));
  CLIPPATH_TRY(const StainProfile profile,
               fit_stain(pictures, method.value_or(StainMethod::kVahadane)));
  std::printf("%s\n", to_json_text(profile).c_str());
  return kDone;
}

/// What the pictures of a group are normalised by: nothing where each is fitted alone, an error
/// where the group has no stains, so that all of it stays as it is.
using GroupStain = Result<std::optional<StainProfile>>;

/// One profile for all pictures of a folder, from a sample of them. One that cannot be read is
/// named when its turn comes.
GroupStain profile_of_group(const PictureGroup& group, StainMethod method,
                            const PictureDecoder& decode, int threads) {
  const std::vector<fs::path> files = spread_sample(group.files, kMostStainSamples);
  std::vector<std::optional<StainSample>> found(files.size());
  on_threads(files.size(), threads, [&](std::size_t i) {
    const auto picture = read_picture(files[i], decode);
    if (!picture) return true;
    auto sample = sample_stain(*picture, method);
    if (sample) found[i] = std::move(*sample);
    return true;
  });
  std::vector<StainSample> samples;
  for (auto& sample : found) {
    if (sample) samples.push_back(std::move(*sample));
  }
  auto profile = slide_stain(std::move(samples));
  if (profile) return *profile;
  const fs::path& folder = group.folder;
  return fail(profile.error().within(folder.empty() ? "the single pictures" : folder.string()));
}

class Normaliser {
 public:
  Normaliser(StainProfile target, std::optional<StainProfile> given, PictureDecoder decode)
      : target_(std::move(target)), given_(std::move(given)), decode_(std::move(decode)) {}

  [[nodiscard]] StainMethod method() const { return target_.method; }
  [[nodiscard]] const PictureDecoder& decoder() const { return decode_; }

  [[nodiscard]] Result<RgbImage> operator()(const RgbImage& picture,
                                            const GroupStain& group) const {
    if (!group) return fail(group.error());
    if (given_) {
      const StainProfile own = measure_stain({&picture, 1}, method(), given_->matrix);
      return normalise_stain(picture, target_, &own);
    }
    return normalise_stain(picture, target_, *group ? &**group : nullptr);
  }

 private:
  StainProfile target_;
  std::optional<StainProfile> given_;
  PictureDecoder decode_;
};

/// A picture whose stains cannot be found is written as it is; one that cannot be read or written
/// is left out. Both are named.
void normalise_file(const fs::path& file, const fs::path& to, const Normaliser& normaliser,
                    const GroupStain& group, Tally& tally) {
  const auto note_failure = [&](const Error& error) {
    MutexLock lock(tally.mutex);
    tally.failed.push_back(error.message);
  };
  const auto picture = read_picture(file, normaliser.decoder());
  if (!picture) return note_failure(picture.error());
  const auto coloured = normaliser(*picture, group);
  const auto written = write_file_durably(to, encode_png(coloured ? *coloured : *picture));
  if (!written) return note_failure(written.error());
  MutexLock lock(tally.mutex);
  if (coloured) {
    ++tally.normalised;
  } else {
    tally.left_alone.push_back(file.string() + ": " + coloured.error().message);
  }
}

fs::path folder_for(const PictureGroup& group, const Options& options) {
  const fs::path folder = group.folder.has_filename() ? group.folder : group.folder.parent_path();
  return options.out / folder.filename();
}

fs::path output_for(const fs::path& file, const fs::path& folder) {
  return folder / file.filename().replace_extension(".png");
}

/// Nothing is written where an input lies, and no output twice.
Result<void> check_outputs(const std::vector<PictureGroup>& groups, const Options& options) {
  std::set<fs::path> outputs;
  for (const PictureGroup& group : groups) {
    for (const fs::path& file : group.files) {
      const fs::path to = output_for(file, folder_for(group, options));
      std::error_code error;
      if (fs::equivalent(file, to, error)) {
        return fail(ErrorKind::kInvalidArgument,
                    "'" + file.string() + "' would be overwritten; give another folder with --out");
      }
      if (!outputs.insert(to).second) {
        return fail(ErrorKind::kInvalidArgument,
                    "two inputs would be written as '" + to.string() + "'; run them apart");
      }
    }
  }
  return {};
}

Result<void> normalise_group(const PictureGroup& group, const Normaliser& normaliser,
                             const Options& options, const Context& context, Tally& tally) {
  GroupStain stain;
  if (options.matrix.empty() && options.scope == "slide") {
    stain = profile_of_group(group, normaliser.method(), normaliser.decoder(), context.threads);
  }
  const fs::path folder = folder_for(group, options);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(system_error(error.value(), folder.string()));
  on_threads(group.files.size(), context.threads, [&](std::size_t i) {
    const fs::path& file = group.files[i];
    normalise_file(file, output_for(file, folder), normaliser, stain, tally);
    return !context.stop;
  });
  return {};
}

Result<void> check_has_matrix(StainMethod method) {
  if (method != StainMethod::kReinhard) return {};
  return fail({ErrorKind::kInvalidArgument,
               "--matrix: reinhard has no stain matrix; leave it out (--scope says whose means are "
               "taken), or take macenko or vahadane",
               "matrix"});
}

int print_tally(Tally& tally, const Context& context) {
  MutexLock lock(tally.mutex);
  if (context.json) {
    const Json document = {{"normalised", tally.normalised},
                           {"left_as_they_are", tally.left_alone},
                           {"failed", tally.failed}};
    std::printf("%s\n", to_text(document, 2).c_str());
  } else {
    for (const std::string& one : tally.left_alone)
      std::fprintf(stderr, "left as it is: %s\n", one.c_str());
    for (const std::string& one : tally.failed) std::fprintf(stderr, "failed: %s\n", one.c_str());
    if (!context.quiet) {
      std::printf("%zu pictures normalised, %zu left as they are, %zu failed\n", tally.normalised,
                  tally.left_alone.size(), tally.failed.size());
    }
  }
  if (context.stop) return kInterrupted;
  if (tally.failed.empty()) return kDone;
  return tally.normalised + tally.left_alone.size() > 0 ? kPartlyDone : kFailed;
}

Result<int> run_apply(const Options& options, const Context& context) {
  CLIPPATH_TRY(const auto groups, collect_pictures(options.inputs));
  CLIPPATH_TRY_VOID(check_outputs(groups, options));
  CLIPPATH_TRY(const auto method, chosen_method(options));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  CLIPPATH_TRY(StainProfile target,
               read_stain_target(options.target, method, decoders.decode_picture));
  std::optional<StainProfile> given;
  if (!options.matrix.empty()) {
    CLIPPATH_TRY_VOID(check_has_matrix(target.method));
    CLIPPATH_TRY(given, read_stain_profile(options.matrix, target.method));
  }
  const Normaliser normaliser(std::move(target), std::move(given), decoders.decode_picture);
  Tally tally;
  for (const PictureGroup& group : groups) {
    CLIPPATH_TRY_VOID(normalise_group(group, normaliser, options, context, tally));
  }
  return print_tally(tally, context);
}

void add_method_option(CLI::App& command, Options& options) {
  command
      .add_option(
          "--method", options.method,
          "How the colours are described (default: as a target profile says, else vahadane)")
      ->check(CLI::IsMember({"reinhard", "macenko", "vahadane"}));
}

template <class Run>
void run_with(CLI::App& command, Context& context, Run run) {
  add_common_options(command, context);
  on_run(command, context, [run]() -> int {
    const Result<int> exit_code = run();
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

void add_fit(CLI::App& stain, Context& context) {
  auto* command = stain.add_subcommand("fit", "Fit one profile to pictures; JSON on stdout");
  const auto options = std::make_shared<Options>();
  command->add_option("IN", options->inputs, "PNG or JPEG files, or folders of them")->required();
  add_method_option(*command, *options);
  command->footer("Example: clippath stain fit reference.png > profile.json");
  run_with(*command, context, [options, &context] { return run_fit(*options, context); });
}

void add_apply(CLI::App& stain, Context& context) {
  auto* command = stain.add_subcommand("apply", "Give pictures the colours of a reference");
  const auto options = std::make_shared<Options>();
  command->add_option("IN", options->inputs, "PNG or JPEG files, or folders of them")->required();
  command->add_option("--out", options->out, "Folder for the new pictures (PNG)")->required();
  command
      ->add_option("--target", options->target,
                   "Reference picture, or a profile that `stain fit` wrote")
      ->required();
  add_method_option(*command, *options);
  auto* scope =
      command
          ->add_option("--scope", options->scope,
                       "patch: each picture is fitted alone; slide: one matrix for a folder's")
          ->check(CLI::IsMember({"patch", "slide"}))
          ->capture_default_str();
  command
      ->add_option("--matrix", options->matrix, "Profile whose matrix the pictures were stained by")
      ->excludes(scope);
  command->footer("Example: clippath stain apply tiles/ --out even/ --target reference.png");
  run_with(*command, context, [options, &context] { return run_apply(*options, context); });
}

}  // namespace

void add_stain_command(CLI::App& program, Context& context) {
  auto* stain = program.add_subcommand("stain", "Bring pictures to one staining");
  stain->require_subcommand(1);
  add_fit(*stain, context);
  add_apply(*stain, context);
  add_stain_reference(*stain, context);
}

}  // namespace clippath::cli
