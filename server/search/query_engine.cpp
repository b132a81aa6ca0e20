// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include "clippath/search.h"
#include "server/search/field_catalogue.h"
#include "server/search/filter_plan.h"
#include "server/search/grouping.h"
#include "server/search/hit_assembler.h"
#include "server/search/query_vectors.h"
#include "server/search/ranking.h"
#include "server/search/stages.h"

namespace clippath {
namespace {

// A picture's neighbours lead to reports through the cases of this many nearest patches.
constexpr std::int64_t kNeighbourPatches = 100;

constexpr std::size_t kRankBatch = 32;

Result<void> check_request(const SearchRequest& request) {
  if (request.k < 1 || request.k > kMaxHits) return fail(out_of_range("k", request.k, kMaxHits));
  if (request.group_size < 1 || request.group_size > kMaxGroupSize) {
    return fail(out_of_range("group_size", request.group_size, kMaxGroupSize));
  }
  if (request.group_by == GroupBy::kSlide && request.in != SearchIn::kPatches) {
    return fail({ErrorKind::kInvalidArgument,
                 "group_by: only patches can be grouped by slide; use \"case\"", "group_by",
                 "case"});
  }
  return {};
}

/// Numbers the cases of a list of records.
template <class Record>
std::vector<std::uint32_t> number_cases(const std::vector<Record>& records) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::uint32_t> case_of;
  for (const Record& record : records) {
    const auto next = static_cast<std::uint32_t>(numbers.size());
    case_of.push_back(numbers.try_emplace(record.case_id.value, next).first->second);
  }
  return case_of;
}

/// Reports of the cases of the nearest patches, as similar as the case's nearest patch.
Result<Ranking> rank_through_neighbours(const Snapshot& snapshot, const EmbeddingMatrix& queries,
                                        const RowSet& allowed_patches,
                                        const RowSet& allowed_reports) {
  std::unordered_map<std::string, std::vector<std::int64_t>> reports_of_case;
  for (std::size_t row = 0; row < snapshot.reports.size(); ++row) {
    const auto number = static_cast<std::int64_t>(row);
    if (allowed_reports.contains(number))
      reports_of_case[snapshot.reports[row].case_id.value].push_back(number);
  }
  CLIPPATH_TRY(const Ranking patches,
               rank_nearest(*snapshot.patch_vectors, queries, kNeighbourPatches, allowed_patches));
  Ranking reports;
  for (const Candidate& patch : patches) {
    const auto slide = snapshot.patch_slide[static_cast<std::size_t>(patch.hit.row)];
    auto of_case = reports_of_case.extract(snapshot.slides[slide].case_id.value);
    if (of_case.empty()) continue;
    for (const std::int64_t row : of_case.mapped())
      reports.push_back({{row, patch.hit.similarity}, "neighbours"});
  }
  return reports;
}

/// What a search ranks: the rows of one collection, best first, with what is known about them.
struct RankedRows {
  Ranking ranking;
  std::int64_t matched = 0;
};

Result<RankedRows> rank_patches(const SearchRequest& request, const Snapshot& snapshot,
                                const FieldCatalogue& fields, const QueryVectors& query,
                                Exclude exclude) {
  CLIPPATH_TRY(const RowSet allowed,
               allowed_patches(snapshot, fields, request.filter, exclude, query.origin));
  RankedRows ranked{{}, allowed.count()};
  if (ranked.matched == 0) return ranked;
  const bool rows_are_hits = request.in == SearchIn::kPatches && request.group_by == GroupBy::kNone;
  // One more than asked for tells whether more would come.
  CLIPPATH_TRY(ranked.ranking,
               rows_are_hits
                   ? rank_nearest(*snapshot.patch_vectors, query.vectors, request.k + 1, allowed)
                   : rank_all(*snapshot.patch_vectors, query.vectors, allowed));
  return ranked;
}

Result<RankedRows> rank_reports(const SearchRequest& request, const Snapshot& snapshot,
                                const FieldCatalogue& fields, const QueryVectors& query,
                                Exclude exclude) {
  CLIPPATH_TRY(const RowSet allowed,
               allowed_reports(snapshot, fields, request.filter, exclude, query.origin));
  RankedRows ranked{{}, allowed.count()};
  if (ranked.matched == 0) return ranked;
  Ranking direct;
  // A model of pictures alone has no vectors of reports; its neighbours still lead to them.
  if (snapshot.report_vectors != nullptr &&
      (!query.is_picture || request.via != Via::kNeighbours)) {
    CLIPPATH_TRY(direct, rank_all(*snapshot.report_vectors, query.vectors, allowed));
  }
  if (!query.is_picture) {
    ranked.ranking = std::move(direct);
    return ranked;
  }
  Ranking neighbours;
  if (request.via != Via::kDirect && snapshot.patch_vectors != nullptr) {
    CLIPPATH_TRY(const RowSet patches,
                 allowed_patches(snapshot, fields, {}, exclude, query.origin));
    CLIPPATH_TRY(neighbours, rank_through_neighbours(snapshot, query.vectors, patches, allowed));
  }
  ranked.ranking = fuse(direct, neighbours);
  return ranked;
}

}  // namespace

QueryEngine::QueryEngine(std::shared_ptr<const Snapshot> snapshot,
                         std::shared_ptr<const Encoder> encoder)
    : snapshot_(std::move(snapshot)),
      encoder_(std::move(encoder)),
      fields_(std::make_shared<FieldCatalogue>(*snapshot_)),
      hits_(std::make_shared<HitAssembler>(*snapshot_, encoder_.get())) {}

Result<SearchAnswer> QueryEngine::search(const SearchRequest& request,
                                         const Deadline& deadline) const {
  CLIPPATH_TRY_VOID(check_request(request));
  SearchAnswer answer;
  StageClock clock(answer.took_ms);

  CLIPPATH_TRY(const QueryVectors query,
               make_query_vectors(request.query, *snapshot_, encoder_.get(), deadline));
  clock.finish("encode");
  CLIPPATH_TRY_VOID(check_time(deadline, "encode"));

  const bool in_reports = request.in == SearchIn::kReports;
  const bool from_record = !query.origin.case_id.empty();
  const Exclude exclude = request.exclude.value_or(from_record ? Exclude::kCase : Exclude::kNone);
  CLIPPATH_TRY(RankedRows ranked,
               in_reports ? rank_reports(request, *snapshot_, *fields_, query, exclude)
                          : rank_patches(request, *snapshot_, *fields_, query, exclude));
  if (cut_below(ranked.ranking, request.min_similarity)) answer.stopped_by = "min_similarity";

  const auto slide_of = [&](std::int64_t row) {
    return snapshot_->patch_slide[static_cast<std::size_t>(row)];
  };
  if (request.in == SearchIn::kSlides) ranked.ranking = best_of_groups(ranked.ranking, slide_of);
  clock.finish("search");
  CLIPPATH_TRY_VOID(check_time(deadline, "search"));

  const auto make_hit = [&](const Candidate& candidate) {
    Hit hit = request.in == SearchIn::kPatches  ? hits_->patch_hit(candidate.hit, query.origin)
              : request.in == SearchIn::kSlides ? hits_->slide_hit(candidate.hit, query.origin)
                                                : hits_->report_hit(candidate.hit, query.origin);
    hit.via = candidate.via;
    return hit;
  };
  const auto k = static_cast<std::size_t>(request.k);
  if (request.group_by == GroupBy::kNone) {
    answer.exhausted = ranked.ranking.size() <= k;
    if (!answer.exhausted) ranked.ranking.resize(k);
    for (const Candidate& candidate : ranked.ranking) answer.hits.push_back(make_hit(candidate));
    answer.returned = static_cast<std::int64_t>(answer.hits.size());
  } else {
    const auto case_of =
        in_reports ? number_cases(snapshot_->reports) : number_cases(snapshot_->slides);
    const GroupOf group_of = [&](std::int64_t row) {
      if (in_reports) return case_of[static_cast<std::size_t>(row)];
      return request.group_by == GroupBy::kCase ? case_of[slide_of(row)] : slide_of(row);
    };
    const Grouping grouping =
        group_ranking(ranked.ranking, group_of, k, static_cast<std::size_t>(request.group_size));
    for (const Ranking& rows : grouping.groups) {
      HitGroup group;
      std::transform(rows.begin(), rows.end(), std::back_inserter(group.hits), make_hit);
      group.by = request.group_by;
      group.id = request.group_by == GroupBy::kCase ? group.hits[0].case_id.value
                                                    : group.hits[0].slide_id.value;
      group.similarity = group.hits[0].similarity;
      answer.groups.push_back(std::move(group));
    }
    answer.exhausted = grouping.exhausted;
    answer.returned = static_cast<std::int64_t>(answer.groups.size());
  }
  clock.finish("assemble");

  answer.requested = request.k;
  answer.matched = ranked.matched;
  answer.input_warnings = query.warnings;
  answer.generation = snapshot_->generation;
  answer.encoder = snapshot_->encoder;
  return answer;
}

Result<RankAnswer> QueryEngine::rank(const RankRequest& request, const Deadline& deadline) const {
  if (request.texts.empty() || request.texts.size() > kMaxRankedTexts) {
    return fail(out_of_range("texts", static_cast<std::int64_t>(request.texts.size()),
                             static_cast<std::int64_t>(kMaxRankedTexts)));
  }
  if (encoder_ == nullptr) return fail(no_model_error());
  RankAnswer answer;
  StageClock clock(answer.took_ms);
  CLIPPATH_TRY(const QueryVectors picture,
               make_picture_vectors(request.picture, *snapshot_, encoder_.get(), deadline));
  CLIPPATH_TRY_VOID(check_time(deadline, "encode"));
  // In batches, so that a thousand texts do not stand in one padded tensor and the deadline is seen
  // in between.
  for (std::size_t first = 0; first < request.texts.size(); first += kRankBatch) {
    const auto batch =
        std::span(request.texts).subspan(first, std::min(kRankBatch, request.texts.size() - first));
    CLIPPATH_TRY(const EmbeddingMatrix texts,
                 encoder_->encode_texts(batch, {.deadline = deadline}));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      float best = -1;
      for (std::size_t field = 0; field < picture.vectors.rows; ++field)
        best = std::max(best, dot(picture.vectors.row(field), texts.row(i)));
      answer.ranking.push_back({first + i, batch[i], best});
    }
    CLIPPATH_TRY_VOID(check_time(deadline, "encode"));
  }
  std::stable_sort(
      answer.ranking.begin(), answer.ranking.end(),
      [](const RankedText& a, const RankedText& b) { return a.similarity > b.similarity; });
  clock.finish("encode");
  answer.input_warnings = picture.warnings;
  answer.encoder = encoder_->info().id;
  return answer;
}

std::vector<FieldSummary> QueryEngine::fields() const { return fields_->summaries(); }

const ReportRecord* QueryEngine::report_of(const SlideRecord& slide) const {
  return hits_->report_of(slide);
}

bool QueryEngine::in_training(const SlideRecord& slide) const { return hits_->in_training(slide); }

}  // namespace clippath
