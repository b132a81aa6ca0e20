// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_tissue.h"

#include <map>
#include <optional>
#include <string>

#include "cli/decoders.h"
#include "cli/machine.h"
#include "cli/picture_files.h"
#include "cli/timed.h"
#include "clippath/quality.h"
#include "clippath/tiling.h"
#include "clippath/tissue.h"

namespace clippath::cli {
namespace {

/// Seconds of the two kinds of rules; resampling to the patch picture is in neither.
struct Times {
  double tissue = 0;
  double quality = 0;
};

std::optional<DropReason> judge(const RgbImage& tile, const IndexOptions& rules, Times& times) {
  const TileTissue tissue = timed(times.tissue, [&] { return judge_tile(tile, 1, rules.tissue); });
  if (tissue.dropped) return tissue.dropped;
  const RgbImage picture = to_patch_picture(tile, kPatchPicturePx);
  if (!timed(times.tissue, [&] { return looks_like_tissue(picture, rules.tissue); })) {
    return DropReason::kBackground;
  }
  return timed(times.quality, [&] { return find_fault(picture, rules.quality); });
}

std::string word_for(std::optional<DropReason> dropped) {
  return dropped ? std::string(to_string(*dropped)) : "kept";
}

}  // namespace

Result<Json> run_bench_tissue(const BenchTissueOptions& options) {
  IndexOptions rules;
  CLIPPATH_TRY_VOID(settle_tissue(options.rules, rules));
  CLIPPATH_TRY(const auto groups, collect_pictures(options.inputs));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(1));
  Times times;
  std::map<std::string, std::int64_t> counts;
  Json verdicts = Json::object();
  for (const PictureGroup& group : groups) {
    for (const std::filesystem::path& file : group.files) {
      CLIPPATH_TRY(const RgbImage picture, read_picture(file, decoders.decode_picture));
      const std::optional<DropReason> dropped = judge(picture, rules, times);
      Times second;
      if (judge(picture, rules, second) != dropped) {
        return fail(ErrorKind::kInternal, "a second look at '" + file.string() + "' differs");
      }
      ++counts[word_for(dropped)];
      verdicts[file.string()] = word_for(dropped);
    }
  }
  const auto count = static_cast<double>(verdicts.size());
  return Json{{"benchmark", "tissue"},
              {"machine", describe_processor()},
              {"cores_used", 1},
              {"tissue", to_string(rules.tissue.preset)},
              {"quality", to_string(rules.quality)},
              {"pictures", verdicts.size()},
              {"tissue_ms_per_picture", 1000 * times.tissue / count},
              {"quality_ms_per_picture", 1000 * times.quality / count},
              {"counts", counts},
              {"verdicts", std::move(verdicts)}};
}

}  // namespace clippath::cli
