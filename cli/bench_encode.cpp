// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_encode.h"

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/machine.h"
#include "cli/text_lines.h"
#include "cli/timed.h"
#include "clippath/core/on_threads.h"
#include "encoder/runtime/image_products.h"
#include "encoder/weights/model_config.h"

namespace clippath::cli {
namespace {

constexpr double kSameInFp32 = 0.9999;
constexpr double kSameInBf16 = 0.999;
constexpr std::size_t kTextsAtLeast = 1000;  // queries that a latency is taken of

double least_cosine_of(Dtype dtype) { return dtype == Dtype::kBf16 ? kSameInBf16 : kSameInFp32; }

/// Pictures of random pixels: an encoder takes the same time for all.
std::vector<RgbImage> random_pictures(const EncoderInfo& info, int count) {
  std::mt19937 random(1);
  std::vector<RgbImage> pictures;
  for (int i = 0; i < count; ++i) {
    RgbImage picture{info.input_width, info.input_height, {}};
    picture.pixels.resize(picture.size_bytes());
    for (auto& value : picture.pixels) value = static_cast<std::uint8_t>(random());
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

/// Calls the work once on every thread, beside each other, and gives the seconds of all together.
template <class Work>
Result<double> seconds_beside(int threads, const Work& work) {
  std::vector<Result<void>> done(static_cast<std::size_t>(threads));
  double seconds = 0;
  timed(seconds, [&] {
    on_threads(done.size(), threads, [&](std::size_t i) {
      done[i] = work();
      return done[i].has_value();
    });
  });
  for (const Result<void>& one : done) CLIPPATH_TRY_VOID(one);
  return seconds;
}

Result<void> check_batch(const Encoder& encoder, const std::vector<RgbImage>& pictures) {
  CLIPPATH_TRY(const EmbeddingMatrix together, encoder.encode_images(pictures));
  for (std::size_t i = 0; i < std::min<std::size_t>(pictures.size(), 4); ++i) {
    CLIPPATH_TRY(const EmbeddingMatrix alone, encoder.encode_images({&pictures[i], 1}));
    const double cosine = dot(together.row(i), alone.row(0));
    if (cosine < least_cosine_of(encoder.info().dtype)) {
      return fail(ErrorKind::kInternal, "picture " + std::to_string(i) +
                                            " has another vector within a batch, cosine " +
                                            std::to_string(cosine));
    }
  }
  return {};
}

/// Pictures, and the products of their tower alone.
Result<Json> measure_images(const Encoder& encoder, const ModelConfig& config,
                            const BenchEncodeOptions& options) {
  const std::vector<RgbImage> pictures = random_pictures(encoder.info(), options.batch);
  CLIPPATH_TRY_VOID(check_batch(encoder, pictures));
  const ImageProducts products(*config.vision, config.vision_projection, options.batch,
                               encoder.info().dtype);
  const auto encode = [&]() -> Result<void> {
    CLIPPATH_TRY_VOID(encoder.encode_images(pictures));
    return {};
  };
  const auto multiply = [&]() -> Result<void> {
    products.run();
    return {};
  };
  CLIPPATH_TRY_VOID(seconds_beside(options.threads, multiply));  // warms up, as the check did
  std::vector<double> encoded;
  std::vector<double> multiplied;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    CLIPPATH_TRY(encoded.emplace_back(), seconds_beside(options.threads, encode));
    CLIPPATH_TRY(multiplied.emplace_back(), seconds_beside(options.threads, multiply));
  }
  const double seconds = percentile(encoded, 0.5);
  const double bound = percentile(multiplied, 0.5);
  const double count = static_cast<double>(options.batch) * options.threads;
  return Json{{"batch", options.batch},
              {"images_per_second", count / seconds},
              {"products_alone_images_per_second", count / bound},
              {"products_alone_gflops", products.operations() * options.threads / bound / 1e9},
              {"share_of_products", bound / seconds}};
}

/// Every text once, or as often as gives a latency; each client begins at another place.
Result<Json> measure_texts(const Encoder& encoder, const std::vector<std::string>& texts,
                           int clients) {
  const std::size_t queries = std::max(texts.size(), kTextsAtLeast);
  std::vector<std::vector<double>> latencies(static_cast<std::size_t>(clients));
  std::vector<Result<void>> done(latencies.size());
  double seconds = 0;
  timed(seconds, [&] {
    on_threads(latencies.size(), clients, [&](std::size_t client) {
      for (std::size_t i = 0; i < queries && done[client]; ++i) {
        const std::string& text = texts[(i + client * texts.size() / 2) % texts.size()];
        done[client] = timed(latencies[client].emplace_back(), [&]() -> Result<void> {
          CLIPPATH_TRY_VOID(encoder.encode_texts({&text, 1}));
          return {};
        });
      }
      return true;
    });
  });
  std::vector<double> all;
  for (std::size_t client = 0; client < latencies.size(); ++client) {
    CLIPPATH_TRY_VOID(done[client]);
    all.insert(all.end(), latencies[client].begin(), latencies[client].end());
  }
  return Json{{"clients", clients},
              {"texts_per_second", static_cast<double>(all.size()) / seconds},
              {"p50_ms", 1000 * percentile(all, 0.5)},
              {"p99_ms", 1000 * percentile(all, 0.99)}};
}

}  // namespace

Result<Json> run_bench_encode(const BenchEncodeOptions& options) {
  CLIPPATH_TRY(const auto encoder, load_encoder(options.model, options.encoder));
  CLIPPATH_TRY(const ModelConfig config, load_model_config(options.model, encoder->info().card));
  Json report{{"benchmark", "encode"},
              {"machine", describe_machine(encoder->info())},
              {"threads", options.threads}};
  if (config.vision) {
    CLIPPATH_TRY(report["images"], measure_images(*encoder, config, options));
  }
  if (config.text && !options.texts.empty()) {
    CLIPPATH_TRY(const auto texts, read_text_lines(options.texts));
    if (texts.empty()) {
      return fail(ErrorKind::kInvalidArgument, "'" + options.texts.string() + "' has no text");
    }
    Json clients = Json::array();
    for (const int count : {1, 2}) {
      CLIPPATH_TRY(Json one, measure_texts(*encoder, texts, count));
      clients.push_back(std::move(one));
    }
    report["texts"] = std::move(clients);
  }
  return report;
}

}  // namespace clippath::cli
