// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "clippath/search.h"
#include "server/search/query_vectors.h"
#include "server/search/stages.h"

namespace clippath {
namespace {

// The deadline is looked at this often within a slide.
constexpr std::int64_t kRowsBetweenLooks = 1024;

/// Rows of one series: from first up to, but not including, last.
struct SeriesRows {
  std::int64_t first = 0;
  std::int64_t last = 0;
  double extent_um = 0;
};

std::int64_t level0_extent_of(const PatchRecord& patch) {
  return patch.rect ? patch.rect->width : 0;
}

/// A slide is one contiguous range of rows, and so is each of its series.
std::vector<SeriesRows> series_of(const Snapshot& snapshot, std::uint32_t slide) {
  const auto [begin, end] =
      std::equal_range(snapshot.patch_slide.begin(), snapshot.patch_slide.end(), slide);
  std::vector<SeriesRows> series;
  std::int64_t extent = 0;
  for (auto row = begin - snapshot.patch_slide.begin(); row < end - snapshot.patch_slide.begin();
       ++row) {
    const PatchRecord& patch = snapshot.patches[static_cast<std::size_t>(row)];
    if (series.empty() || level0_extent_of(patch) != extent) {
      extent = level0_extent_of(patch);
      series.push_back({row, row, patch.extent_um});
    }
    series.back().last = row + 1;
  }
  return series;
}

/// How far a series is from the scale that the model knows: as a ratio, the unknown last.
double distance_from(double model_um, const SeriesRows& series) {
  if (model_um <= 0 || series.extent_um <= 0) return std::numeric_limits<double>::infinity();
  return std::abs(std::log(series.extent_um / model_um));
}

Result<SeriesRows> choose_series(const Snapshot& snapshot, const SlideId& id, double model_um) {
  const auto found = snapshot.slide_index.find(id.value);
  if (found == snapshot.slide_index.end()) {
    return fail({ErrorKind::kNotFound, "slide_id: no slide '" + id.value + "'", "slide_id"});
  }
  const std::vector<SeriesRows> series = series_of(snapshot, found->second);
  if (series.empty()) {
    return fail({ErrorKind::kFailedPrecondition,
                 "slide_id: slide '" + id.value + "' has no patches", "slide_id"});
  }
  return *std::min_element(series.begin(), series.end(),
                           [model_um](const SeriesRows& a, const SeriesRows& b) {
                             return distance_from(model_um, a) < distance_from(model_um, b);
                           });
}

/// Puts what is classified into the pool; which kind it is decides the overload.
class PoolFiller {
 public:
  PoolFiller(const Snapshot& snapshot, const Encoder& encoder, const Deadline& deadline,
             TopPool& pool, ClassifyAnswer& answer)
      : snapshot_(snapshot), encoder_(encoder), deadline_(deadline), pool_(pool), answer_(answer) {}

  Result<void> operator()(const ImageQuery& query) const { return add_picture(query); }

  Result<void> operator()(const PatchQuery& query) const {
    CLIPPATH_TRY_VOID(add_picture(query));
    const auto row = static_cast<std::size_t>(snapshot_.patch_row.at(query.id.value));
    answer_.extent_um = snapshot_.patches[row].extent_um;
    return {};
  }

  Result<void> operator()(const SlideQuery& query) const {
    CLIPPATH_TRY(const SeriesRows series,
                 choose_series(snapshot_, query.id, encoder_.info().card.default_extent_um));
    answer_.extent_um = series.extent_um;
    for (std::int64_t row = series.first; row < series.last; ++row) {
      Embedding vector = snapshot_.patch_vectors->vector(row);
      normalize(vector);  // half precision leaves a length a little off 1
      pool_.add(vector);
      if ((row - series.first) % kRowsBetweenLooks == 0) {
        CLIPPATH_TRY_VOID(check_time(deadline_, "encode_classes"));
      }
    }
    return {};
  }

 private:
  [[nodiscard]] Result<void> add_picture(
      const std::variant<ImageQuery, PatchQuery>& picture) const {
    CLIPPATH_TRY(QueryVectors made, make_picture_vectors(picture, snapshot_, &encoder_, deadline_));
    for (std::size_t field = 0; field < made.vectors.rows; ++field) {
      pool_.add(made.vectors.row(field));
    }
    answer_.input_warnings = std::move(made.warnings);
    return {};
  }

  const Snapshot& snapshot_;
  const Encoder& encoder_;
  const Deadline& deadline_;
  TopPool& pool_;
  ClassifyAnswer& answer_;
};

}  // namespace

Result<ClassifyAnswer> QueryEngine::classify(const ClassifyRequest& request,
                                             const Deadline& deadline) const {
  if (request.top_j < 1 || request.top_j > kMaxTopJ) {
    return fail(out_of_range("top_j", request.top_j, kMaxTopJ));
  }
  if (encoder_ == nullptr) return fail(no_model_error());
  ClassifyAnswer answer;
  StageClock clock(answer.took_ms);
  CLIPPATH_TRY(const ClassVectors classes,
               make_class_vectors(request.prompts, *encoder_, deadline));
  clock.finish("encode_classes");

  TopPool pool(classes, static_cast<std::size_t>(request.top_j));
  const PoolFiller fill(*snapshot_, *encoder_, deadline, pool, answer);
  CLIPPATH_TRY_VOID(std::visit(fill, request.subject));
  clock.finish("encode");
  CLIPPATH_TRY_VOID(check_time(deadline, "encode"));

  answer.logit_scale = static_cast<double>(encoder_->info().logit_scale);
  answer.classes = score_classes(request.prompts, pool.similarities(), answer.logit_scale);
  clock.finish("classify");
  answer.ensembles = request.prompts.ensembles.size();
  answer.vectors = static_cast<std::int64_t>(pool.added());
  answer.pooled = std::min(request.top_j, answer.vectors);
  answer.encoder = encoder_->info().id;
  return answer;
}

}  // namespace clippath
