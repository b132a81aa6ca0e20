// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_pictures.h"

#include <algorithm>
#include <numeric>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/core/spread_sample.h"
#include "clippath/evaluation_pictures.h"

namespace clippath::cli {
namespace {

constexpr std::size_t kUpTo = 50;
constexpr std::size_t kExamples = 6;
constexpr std::size_t kFirstCaptions = 5;
constexpr int kJpegQuality = 88;

Result<void> write_picture(const std::filesystem::path& path, const RgbImage& picture) {
  return write_file_durably(path, lower_extension(path) == ".png"
                                      ? encode_png(picture)
                                      : encode_jpeg(picture, kJpegQuality));
}

Result<void> write_curves(const std::filesystem::path& path, const EvaluationSet& set,
                          const ScoreMatrix& model, const ScoreMatrix& colours) {
  const std::size_t up_to = std::min(kUpTo, set.captions.size());
  std::vector<RecallCurve> curves = {{"model", recall_curve(set, model, up_to)}};
  if (colours.rows > 0) curves.push_back({"colours alone", recall_curve(set, colours, up_to)});
  RecallCurve chance{"chance", {}};
  for (std::size_t k = 1; k <= up_to; ++k) {
    chance.shares.push_back(static_cast<double>(k) / static_cast<double>(set.captions.size()));
  }
  curves.push_back(std::move(chance));
  return write_picture(path, draw_recall_curves(curves));
}

CaptionExample example_of(const EvaluationSet& set, const ScoreMatrix& scores, std::size_t row,
                          RgbImage picture) {
  const std::size_t own = set.patches[set.queries[row]].caption;
  CaptionExample example{std::move(picture), set.captions[own], {}};
  std::vector<std::size_t> order(set.captions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores.row(row)[a] > scores.row(row)[b];
  });
  for (std::size_t i = 0; i < std::min(kFirstCaptions, order.size()); ++i) {
    example.first.push_back({set.captions[order[i]], scores.row(row)[order[i]], order[i] == own});
  }
  return example;
}

Result<void> write_examples(const std::filesystem::path& path, const EvalMaterial& material,
                            const ScoreMatrix& scores) {
  std::vector<std::size_t> rows(material.set.queries.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::vector<CaptionExample> examples;
  for (const std::size_t row : spread_sample(rows, kExamples)) {
    CLIPPATH_TRY(RgbImage picture, material.picture(material.set.queries[row]));
    examples.push_back(example_of(material.set, scores, row, std::move(picture)));
  }
  return write_picture(path, draw_examples(examples));
}

}  // namespace

Result<void> write_eval_pictures(const EvalPictures& where, const EvalMaterial& material,
                                 const ScoreMatrix& model, const ScoreMatrix& colours) {
  if (!where.curves.empty()) {
    CLIPPATH_TRY_VOID(write_curves(where.curves, material.set, model, colours));
  }
  if (!where.examples.empty()) {
    CLIPPATH_TRY_VOID(write_examples(where.examples, material, model));
  }
  return {};
}

}  // namespace clippath::cli
