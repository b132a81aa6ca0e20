// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "clippath/search.h"
#include "tests/support/toy_snapshot.h"

namespace clippath {
namespace {

/// Answers a text "patch <row>" or "report <row>" with that row's stored vector, and every picture
/// with that of patch 7.
class EchoEncoder : public Encoder {
 public:
  explicit EchoEncoder(const Snapshot& snapshot) : snapshot_(snapshot) {
    info_.id = EncoderId("echo");
    info_.dimension = 16;
    info_.card.default_extent_um = 50;
    info_.logit_scale = 20;
    info_.card.training_slides = {"case1-s0"};
  }
  const EncoderInfo& info() const override { return info_; }
  RgbImage fit(const RgbImage& image) const override { return image; }
  Result<EmbeddingMatrix> encode_images(std::span<const RgbImage> images,
                                        const EncodeCall& /*call*/ = {}) const override {
    EmbeddingMatrix vectors{0, 16, {}};
    for (std::size_t i = 0; i < images.size(); ++i) append(vectors, *snapshot_.patch_vectors, 7);
    return vectors;
  }
  Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                       const EncodeCall& /*call*/ = {}) const override {
    EmbeddingMatrix vectors{0, 16, {}};
    for (const std::string& text : texts) {
      const std::int64_t row = std::stoll(text.substr(text.find(' ')));
      append(vectors,
             text.starts_with("patch") ? *snapshot_.patch_vectors : *snapshot_.report_vectors, row);
    }
    return vectors;
  }

 private:
  static void append(EmbeddingMatrix& vectors, const VectorIndex& index, std::int64_t row) {
    Embedding vector = index.vector(row);
    normalize(vector);
    vectors.values.insert(vectors.values.end(), vector.begin(), vector.end());
    ++vectors.rows;
  }
  const Snapshot& snapshot_;
  EncoderInfo info_;
};

class QueryEngineTest : public ::testing::Test {
 protected:
  Result<SearchAnswer> search(const SearchRequest& request) const {
    return engine_.search(request, Deadline::never());
  }
  /// At least one.
  std::vector<Hit> hits(const SearchRequest& request) const {
    std::vector<Hit> found = search(request).value().hits;
    EXPECT_FALSE(found.empty());
    return found;
  }
  static SearchRequest text(const std::string& words) {
    SearchRequest request;
    request.query = {{TextQuery{words}, 1}};
    return request;
  }
  static SearchRequest patch(const std::string& id) {
    SearchRequest request;
    request.query = {{PatchQuery{PatchId(id)}, 1}};
    return request;
  }

  const std::shared_ptr<Snapshot> snapshot_ = test::make_toy_snapshot({}, 9);
  const std::shared_ptr<Encoder> encoder_ = std::make_shared<EchoEncoder>(*snapshot_);
  const QueryEngine engine_{snapshot_, encoder_};
};

TEST_F(QueryEngineTest, FindsTheRowThatAQueryEquals) {
  for (std::int64_t row = 0; row < 100; ++row) {
    const SearchAnswer answer = search(text("patch " + std::to_string(row))).value();
    ASSERT_EQ(answer.hits[0].id, snapshot_->patches[static_cast<std::size_t>(row)].id.value);
    ASSERT_NEAR(answer.hits[0].similarity, 1, 1e-3);
    ASSERT_EQ(answer.returned, 10);
    ASSERT_EQ(answer.matched, 100);
    ASSERT_FALSE(answer.exhausted);
  }
}

TEST_F(QueryEngineTest, GivesEveryHitItsPlaceCaptionAndReport) {
  const Hit hit = search(text("patch 25")).value().hits[0];
  EXPECT_EQ(hit.slide_id.value, "case1-s0");
  EXPECT_EQ(hit.case_id.value, "case1");
  EXPECT_EQ(hit.rect, (Level0Rect{500, 0, 100, 100}));
  EXPECT_EQ(hit.caption, "diagnosis 1");
  EXPECT_EQ(hit.report->id.value, "report1-0");
  EXPECT_EQ(hit.fields.at("organ"), FieldValue("organ1"));
  EXPECT_EQ(hit.fields.at("grade"), FieldValue(5.0));
  EXPECT_TRUE(hit.in_training);
  EXPECT_FALSE(hit.linked);
}

TEST_F(QueryEngineTest, LeavesOutTheQuerysOwnCaseUnlessAsked) {
  SearchRequest request = patch("case1-s0~500_0_100");
  request.k = 200;
  for (const Hit& hit : hits(request)) EXPECT_NE(hit.case_id.value, "case1");
  request.exclude = Exclude::kNone;
  const SearchAnswer all = search(request).value();
  EXPECT_EQ(all.returned, 100);
  EXPECT_TRUE(all.exhausted);
  EXPECT_EQ(all.hits[0].id, "case1-s0~500_0_100");
  EXPECT_TRUE(all.hits[0].linked);
}

TEST_F(QueryEngineTest, ReturnsAsManyAsTheFilterLeaves) {
  SearchRequest request = text("patch 3");
  request.filter.must = {{"grade", {9.0}, {}, {}, {}}, {"stain", {"IHC"}, {}, {}, {}}};
  const SearchAnswer answer = search(request).value();
  EXPECT_EQ(answer.matched, 5);
  EXPECT_EQ(answer.returned, 5);
  EXPECT_TRUE(answer.exhausted);
  for (const Hit& hit : answer.hits) EXPECT_EQ(hit.fields.at("grade"), FieldValue(9.0));
}

TEST_F(QueryEngineTest, AnswersNothingWhereTheFilterLeavesNothing) {
  SearchRequest request = text("patch 3");
  request.filter.must = {{"organ", {"heart"}, {}, {}, {}}};
  const SearchAnswer answer = search(request).value();
  EXPECT_EQ(answer.matched, 0);
  EXPECT_TRUE(answer.hits.empty());
  EXPECT_TRUE(answer.exhausted);
}

TEST_F(QueryEngineTest, GroupsByCaseWithTheBestHitsOfEach) {
  SearchRequest request = text("patch 42");
  request.group_by = GroupBy::kCase;
  request.k = 3;
  request.group_size = 4;
  const SearchAnswer answer = search(request).value();
  ASSERT_EQ(answer.groups.size(), 3U);
  EXPECT_FALSE(answer.exhausted);
  EXPECT_EQ(answer.groups[0].id, "case2");
  std::set<std::string> seen;
  for (const HitGroup& group : answer.groups) {
    EXPECT_TRUE(seen.insert(group.id).second);
    ASSERT_EQ(group.hits.size(), 4U);
    EXPECT_EQ(group.similarity, group.hits[0].similarity);
    for (const Hit& hit : group.hits) EXPECT_EQ(hit.case_id.value, group.id);
  }
  EXPECT_GE(answer.groups[0].similarity, answer.groups[1].similarity);
}

TEST_F(QueryEngineTest, RanksSlidesByTheirBestPatch) {
  SearchRequest request = text("patch 42");
  request.in = SearchIn::kSlides;
  request.k = 200;
  const SearchAnswer slides = search(request).value();
  ASSERT_EQ(slides.hits.size(), 10U);
  EXPECT_TRUE(slides.exhausted);
  request.in = SearchIn::kPatches;
  std::vector<std::string> order;
  for (const Hit& hit : hits(request)) {
    if (std::find(order.begin(), order.end(), hit.slide_id.value) == order.end())
      order.push_back(hit.slide_id.value);
  }
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(slides.hits[i].id, order[i]);
    EXPECT_EQ(slides.hits[i].kind, HitKind::kSlide);
  }
}

TEST_F(QueryEngineTest, FindsReportsByText) {
  SearchRequest request = text("report 3");
  request.in = SearchIn::kReports;
  const SearchAnswer answer = search(request).value();
  ASSERT_EQ(answer.hits.size(), 5U);
  EXPECT_EQ(answer.hits[0].id, "report3-0");
  EXPECT_EQ(answer.hits[0].report->text, "Text of report3-0");
}

TEST_F(QueryEngineTest, FindsReportsOfAPatchThroughItsNeighbours) {
  SearchRequest request = patch("case1-s0~500_0_100");
  request.in = SearchIn::kReports;
  request.via = Via::kNeighbours;
  request.exclude = Exclude::kNone;
  const SearchAnswer own = search(request).value();
  EXPECT_EQ(own.hits[0].id, "report1-0");
  EXPECT_TRUE(own.hits[0].linked);
  EXPECT_EQ(own.hits[0].via, "neighbours");
  request.exclude = Exclude::kCase;
  for (const Hit& hit : hits(request)) EXPECT_NE(hit.case_id.value, "case1");
}

TEST_F(QueryEngineTest, SaysHowEachReportOfAPictureWasFound) {
  SearchRequest request = patch("case1-s0~500_0_100");
  request.in = SearchIn::kReports;
  for (const Hit& hit : hits(request)) EXPECT_EQ(hit.via, "both");
  request.via = Via::kDirect;
  for (const Hit& hit : hits(request)) EXPECT_EQ(hit.via, "direct");
}

TEST_F(QueryEngineTest, PushesAwayWithANegativeWeight) {
  SearchRequest request;
  request.query = {{TextQuery{"patch 10"}, 1}, {TextQuery{"patch 60"}, -1}};
  request.k = 200;
  const SearchAnswer answer = search(request).value();
  EXPECT_EQ(answer.hits[0].id, snapshot_->patches[10].id.value);
  EXPECT_EQ(answer.hits.back().id, snapshot_->patches[60].id.value);
}

TEST_F(QueryEngineTest, RefusesTermsThatCancelOut) {
  SearchRequest request;
  request.query = {{TextQuery{"patch 10"}, 1}, {TextQuery{"patch 10"}, -1}};
  EXPECT_EQ(search(request).error().field, "query");
}

TEST_F(QueryEngineTest, CutsAtTheLeastSimilarityAndSaysSo) {
  SearchRequest request = text("patch 10");
  request.min_similarity = 0.9;
  const SearchAnswer answer = search(request).value();
  EXPECT_EQ(answer.returned, 1);
  EXPECT_EQ(answer.stopped_by, "min_similarity");
}

TEST_F(QueryEngineTest, NamesWhatIsWrongWithARequest) {
  SearchRequest request = text("patch 1");
  request.k = 201;
  EXPECT_EQ(search(request).error().limit, "1..200");
  EXPECT_EQ(search(text(" \n")).error().field, "query.text");
  EXPECT_EQ(search(patch("nowhere~0_0_1")).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(search(SearchRequest{}).error().field, "query");
}

TEST_F(QueryEngineTest, StopsAtTheDeadline) {
  const auto answer =
      engine_.search(text("patch 1"), Deadline::after(std::chrono::milliseconds(-1)));
  EXPECT_EQ(answer.error().kind, ErrorKind::kDeadlineExceeded);
}

TEST_F(QueryEngineTest, AnswersStoredQueriesWithoutAModel) {
  const QueryEngine without(snapshot_, nullptr);
  EXPECT_TRUE(without.search(patch("case1-s0~500_0_100"), Deadline::never()).has_value());
  EXPECT_EQ(without.search(text("patch 1"), Deadline::never()).error().code, "no_model");
}

TEST_F(QueryEngineTest, AnswersAnEmptyFolder) {
  const QueryEngine empty(std::make_shared<Snapshot>(), encoder_);
  const SearchAnswer answer = empty.search(text("patch 1"), Deadline::never()).value();
  EXPECT_EQ(answer.matched, 0);
  EXPECT_TRUE(answer.exhausted);
}

TEST_F(QueryEngineTest, RanksTextsForAPatch) {
  const RankAnswer answer =
      engine_
          .rank({PatchQuery{PatchId("case0-s0~500_0_100")}, {"patch 80", "patch 5", "patch 33"}},
                Deadline::never())
          .value();
  ASSERT_EQ(answer.ranking.size(), 3U);
  EXPECT_EQ(answer.ranking[0].index, 1U);
  EXPECT_GE(answer.ranking[1].similarity, answer.ranking[2].similarity);
}

TEST_F(QueryEngineTest, SaysWhereAPicturesScaleIsUnknown) {
  SearchRequest request;
  request.query = {{ImageQuery{RgbImage::filled(60, 60, 1, 1, 1), std::nullopt}, 1}};
  const SearchAnswer answer = search(request).value();
  EXPECT_EQ(answer.input_warnings, std::vector<std::string>{"scale_unknown"});
  EXPECT_EQ(answer.hits[0].id, snapshot_->patches[7].id.value);
}

ClassPrompts two_classes(const std::string& first, const std::string& second) {
  return {{{{"CLASSNAME"}, {{"first", {first}}, {"second", {second}}}}}};
}

TEST_F(QueryEngineTest, ClassifiesAPatchByItsCosineWithEachClass) {
  const PatchId id = snapshot_->patches[25].id;
  const ClassifyAnswer answer =
      engine_.classify({PatchQuery{id}, two_classes("patch 60", "patch 25")}, Deadline::never())
          .value();
  ASSERT_EQ(answer.classes.size(), 2U);
  EXPECT_EQ(answer.classes[0].name, "second");
  EXPECT_NEAR(answer.classes[0].similarity, 1, 1e-6);
  EXPECT_EQ(answer.logit_scale, 20);
  const double odds = 20 * (answer.classes[0].similarity - answer.classes[1].similarity);
  EXPECT_NEAR(answer.classes[0].probability, 1 / (1 + std::exp(-odds)), 1e-9);
  EXPECT_EQ(answer.vectors, 1);
  EXPECT_EQ(answer.pooled, 1);
  EXPECT_EQ(answer.extent_um, 50);
}

TEST_F(QueryEngineTest, ClassifiesASlideByItsMostSimilarPatches) {
  // Patches 20..29 are those of the slide.
  Embedding wanted = snapshot_->patch_vectors->vector(3);
  normalize(wanted);
  std::vector<double> cosines;
  for (std::int64_t row = 20; row < 30; ++row) {
    Embedding vector = snapshot_->patch_vectors->vector(row);
    normalize(vector);
    cosines.push_back(static_cast<double>(dot(vector, wanted)));
  }
  std::sort(cosines.rbegin(), cosines.rend());
  ASSERT_EQ(snapshot_->slides[2].id.value, "case1-s0");
  ClassifyRequest request{SlideQuery{SlideId("case1-s0")}, two_classes("patch 3", "patch 25"), 4};
  ClassifyAnswer answer = engine_.classify(request, Deadline::never()).value();
  ASSERT_EQ(answer.classes[1].name, "first");
  EXPECT_NEAR(answer.classes[1].similarity, (cosines[0] + cosines[1] + cosines[2] + cosines[3]) / 4,
              1e-6);
  EXPECT_EQ(answer.vectors, 10);
  EXPECT_EQ(answer.pooled, 4);
  request.top_j = 100;
  answer = engine_.classify(request, Deadline::never()).value();
  EXPECT_EQ(answer.pooled, 10);
}

TEST_F(QueryEngineTest, ClassifiesASlideByTheSeriesNearestToTheModel) {
  // Of slide case1-s0 the first six patches become a series three times as wide.
  for (std::size_t row = 20; row < 26; ++row) {
    snapshot_->patches[row].rect->width = 300;
    snapshot_->patches[row].extent_um = 150;
  }
  const ClassifyRequest request{SlideQuery{SlideId("case1-s0")},
                                two_classes("patch 20", "patch 60"), 1};
  const ClassifyAnswer answer = engine_.classify(request, Deadline::never()).value();
  EXPECT_EQ(answer.vectors, 4);
  EXPECT_EQ(answer.extent_um, 50);
  EXPECT_LT(answer.classes[0].similarity, 0.99);  // patch 20 itself is not in this series
}

TEST_F(QueryEngineTest, ClassifiesTheSameWayEachTime) {
  const ClassifyRequest request{SlideQuery{SlideId("case2-s1")},
                                two_classes("patch 3", "patch 25")};
  const auto first = engine_.classify(request, Deadline::never()).value();
  const auto second = engine_.classify(request, Deadline::never()).value();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(first.classes[i].similarity, second.classes[i].similarity);
    EXPECT_EQ(first.classes[i].probability, second.classes[i].probability);
  }
}

TEST_F(QueryEngineTest, NamesWhatIsWrongWithAClassification) {
  ClassifyRequest request{SlideQuery{SlideId("nowhere")}, two_classes("patch 1", "patch 2")};
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().field, "slide_id");
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().kind, ErrorKind::kNotFound);
  request.top_j = 101;
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().limit, "1..100");
  request.top_j = 0;
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().field, "top_j");
  request = {PatchQuery{PatchId("nowhere~0_0_1")}, two_classes("patch 1", "patch 2")};
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().kind, ErrorKind::kNotFound);
  const QueryEngine without(snapshot_, nullptr);
  EXPECT_EQ(without.classify(request, Deadline::never()).error().code, "no_model");
  snapshot_->slides.push_back(snapshot_->slides[0]);
  snapshot_->slides.back().id = SlideId("empty");
  snapshot_->slide_index["empty"] = static_cast<std::uint32_t>(snapshot_->slides.size() - 1);
  request.subject = SlideQuery{SlideId("empty")};
  EXPECT_EQ(engine_.classify(request, Deadline::never()).error().kind,
            ErrorKind::kFailedPrecondition);
}

}  // namespace
}  // namespace clippath
