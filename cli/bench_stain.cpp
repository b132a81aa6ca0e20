// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_stain.h"

#include <string>
#include <utility>

#include "cli/decoders.h"
#include "cli/machine.h"
#include "cli/picture_files.h"
#include "cli/timed.h"
#include "clippath/core/resample.h"
#include "clippath/stain.h"

namespace clippath::cli {
namespace {

/// Seconds of one method, over all pictures and repeats.
struct Times {
  double fit = 0;
  double apply = 0;
};

Result<RgbImage> normalise(const RgbImage& picture, const StainProfile& target, Times& times) {
  CLIPPATH_TRY(const StainProfile own, timed(times.fit, [&] {
                 return fit_stain({&picture, 1}, target.method);
               }));
  return timed(times.apply, [&] { return apply_stain(picture, own, target); });
}

Result<Json> measure(StainMethod method, const std::vector<RgbImage>& pictures,
                     const RgbImage& reference, int repeats) {
  CLIPPATH_TRY(const StainProfile target, fit_stain({&reference, 1}, method));
  std::vector<RgbImage> first;
  Times warm_up;
  for (const RgbImage& picture : pictures) {
    CLIPPATH_TRY(RgbImage coloured, normalise(picture, target, warm_up));
    first.push_back(std::move(coloured));
  }
  Times times;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      CLIPPATH_TRY(const RgbImage again, normalise(pictures[i], target, times));
      if (again != first[i]) {
        return fail(ErrorKind::kInternal, std::string(to_string(method)) +
                                              ": a second run gave other bytes for picture " +
                                              std::to_string(i));
      }
    }
  }
  const double count = static_cast<double>(pictures.size()) * repeats;
  return Json{{"method", to_string(method)},
              {"pictures_per_second", count / (times.fit + times.apply)},
              {"ms_per_picture", 1000 * (times.fit + times.apply) / count},
              {"fit_ms", 1000 * times.fit / count},
              {"apply_ms", 1000 * times.apply / count}};
}

}  // namespace

Result<Json> run_bench_stain(const BenchStainOptions& options) {
  CLIPPATH_TRY(const auto groups, collect_pictures(options.inputs));
  const auto fit = [&](RgbImage& picture) {
    picture = resample(picture, options.side_px, options.side_px, ResampleFilter::kBicubic);
  };
  CLIPPATH_TRY(const Decoders decoders, make_decoders(1));
  CLIPPATH_TRY(std::vector<RgbImage> pictures, read_pictures(groups, decoders.decode_picture));
  for (RgbImage& picture : pictures) fit(picture);
  CLIPPATH_TRY(RgbImage reference, read_picture(options.target, decoders.decode_picture));
  fit(reference);
  Json methods = Json::array();
  for (const StainMethod method : kStainMethods) {
    CLIPPATH_TRY(Json one, measure(method, pictures, reference, options.repeats));
    methods.push_back(std::move(one));
  }
  return Json{{"benchmark", "stain"},
              {"machine", describe_processor()},
              {"cores_used", 1},
              {"pictures", pictures.size()},
              {"side_px", options.side_px},
              {"same_bytes_on_every_run", true},
              {"methods", std::move(methods)}};
}

}  // namespace clippath::cli
