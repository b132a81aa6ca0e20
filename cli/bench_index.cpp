// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_index.h"

#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/decoders.h"
#include "cli/machine.h"
#include "cli/timed.h"
#include "clippath/core/files.h"
#include "clippath/core/on_threads.h"
#include "clippath/data_folder.h"
#include "clippath/manifest.h"
#include "clippath/pipeline.h"
#include "clippath/tiling.h"
#include "clippath/verify_patch.h"

namespace clippath::cli {
namespace {

/// A folder of its own for a scope.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make() {
    std::string path = (std::filesystem::temp_directory_path() / "clippath-bench-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) return fail(system_error(errno, "making '" + path + "'"));
    return ScratchFolder(path);
  }
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

struct Bench {
  const std::vector<SlideInput> slide;  ///< one
  const IndexOptions index;
  const Encoder& encoder;
  const SlideOpener& open;
  const std::atomic<bool>& stop;
};

/// Seconds of each part, one entry a repeat.
struct Times {
  std::vector<double> index;
  std::vector<double> decode;
  std::vector<double> encode;
};

/// Indexes the slide into a new folder and gives what is stored then.
Result<std::vector<PatchRow>> index_once(const Bench& bench, double& seconds) {
  CLIPPATH_TRY(const ScratchFolder scratch, ScratchFolder::make());
  CLIPPATH_TRY(const auto folder,
               DataFolder::open(scratch.path() / "data", Access::kWrite, "bench index"));
  CLIPPATH_TRY(const IndexSummary summary, timed(seconds, [&] {
                 return index_slides(bench.slide, bench.index, {&bench.encoder}, bench.open,
                                     *folder, {}, bench.stop);
               }));
  if (summary.interrupted) return fail(ErrorKind::kUnavailable, "stopped");
  const SlideOutcome& outcome = summary.slides.front();
  if (outcome.state != SlideState::kDone) {
    return fail(ErrorKind::kFailedPrecondition, "slide '" + outcome.id.value + "' is " +
                                                    std::string(to_string(outcome.state)) + ": " +
                                                    outcome.reason);
  }
  std::vector<PatchRow> rows;
  CLIPPATH_TRY_VOID(
      folder->records().each_patch([&](const SlideRecord&, PatchRow&& row) -> Result<void> {
        rows.push_back(std::move(row));
        return {};
      }));
  return rows;
}

/// What the index read of the slide, and nothing else.
Result<std::vector<RgbImage>> decode_once(const Bench& bench, const std::vector<PatchRow>& rows,
                                          double& seconds) {
  CLIPPATH_TRY(const auto reader, bench.open(bench.slide.front().path));
  const EncoderInfo& info = bench.encoder.info();
  const Level0Rect& first = *rows.front().record.rect;
  const PatchRead plan = plan_patch_read(reader->info(), {first.width, first.height},
                                         std::max(info.input_width, info.input_height));
  std::vector<Result<RgbImage>> read(rows.size());
  timed(seconds, [&] {
    on_threads(rows.size(), bench.index.threads, [&](std::size_t i) {
      const Level0Rect& rect = *rows[i].record.rect;
      read[i] = reader->read({rect.x, rect.y}, plan.level, plan.size);
      return read[i].has_value();
    });
  });
  std::vector<RgbImage> inputs;
  for (Result<RgbImage>& tile : read) {
    CLIPPATH_TRY(RgbImage picture, std::move(tile));
    inputs.push_back(
        bench.encoder.fit(to_square_patch_picture(std::move(picture), plan.picture_px)));
  }
  return inputs;
}

/// The vectors of the pictures, compared with the stored ones.
Result<void> encode_once(const Bench& bench, const std::vector<RgbImage>& inputs,
                         const std::vector<PatchRow>& rows, double& seconds) {
  const std::size_t at_once = bench.encoder.info().batches.size;
  const std::size_t batches = (inputs.size() + at_once - 1) / at_once;
  std::vector<Result<EmbeddingMatrix>> vectors(batches);
  timed(seconds, [&] {
    on_threads(batches, bench.index.threads, [&](std::size_t i) {
      const std::size_t first = i * at_once;
      vectors[i] = bench.encoder.encode_images(
          std::span(inputs).subspan(first, std::min(at_once, inputs.size() - first)));
      return vectors[i].has_value();
    });
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Result<EmbeddingMatrix>& batch = vectors[i / at_once];
    if (!batch) return fail(batch.error());
    Embedding stored = rows[i].vector;
    normalize(stored);  // half precision leaves a length a little off 1
    if (dot(stored, std::as_const(*batch).row(i % at_once)) < kSameVector) {
      return fail(ErrorKind::kInternal, "the index stored another vector for patch '" +
                                            rows[i].record.id.value + "' than encoding it gives");
    }
  }
  return {};
}

Json rate(const std::vector<double>& seconds, double patches) {
  return {{"patches_per_second", patches / percentile(seconds, 0.5)}, {"seconds", seconds}};
}

}  // namespace

Result<Json> run_bench_index(BenchIndexOptions options, const std::atomic<bool>& stop) {
  options.encoder.towers = Towers::kImageOnly;
  CLIPPATH_TRY(const auto encoder, load_encoder(options.model, options.encoder));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(options.threads));
  CLIPPATH_TRY(auto slide, collect_slides({options.slide}, IdFrom::kStem));
  if (slide.size() != 1) {
    return fail(ErrorKind::kInvalidArgument, "'" + options.slide.string() + "' is not one slide");
  }
  IndexOptions index;
  CLIPPATH_TRY_VOID(settle_tissue(options.rules, index));
  index.fields = {{FieldOfView::Unit::kLevel0Pixels, options.level0_px}};
  index.threads = options.threads;
  const Bench bench{std::move(slide), index, *encoder, decoders.open_slide, stop};

  Times times;
  std::size_t patches = 0;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    CLIPPATH_TRY(const auto rows, index_once(bench, times.index.emplace_back()));
    CLIPPATH_TRY(const auto inputs, decode_once(bench, rows, times.decode.emplace_back()));
    CLIPPATH_TRY_VOID(encode_once(bench, inputs, rows, times.encode.emplace_back()));
    patches = rows.size();
  }
  const double bound = percentile(times.decode, 0.5) + percentile(times.encode, 0.5);
  const auto count = static_cast<double>(patches);
  return Json{{"benchmark", "index"},
              {"machine", describe_machine(encoder->info())},
              {"slide", bench.slide.front().id.value},
              {"level0_px", options.level0_px},
              {"threads", options.threads},
              {"batch", encoder->info().batches.size},
              {"patches", patches},
              {"vectors_checked", patches * static_cast<std::size_t>(options.repeats)},
              {"decode", rate(times.decode, count)},
              {"encode", rate(times.encode, count)},
              {"index", rate(times.index, count)},
              {"share_of_bound", bound / percentile(times.index, 0.5)}};
}

}  // namespace clippath::cli
