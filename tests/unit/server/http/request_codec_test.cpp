// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_codec.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tests/unit/server/http/sanitizers.h"

namespace clippath {
namespace {

/// A picture of one pixel for "x", nothing for anything else.
Result<RgbImage> decode_one_pixel(std::span<const std::uint8_t> bytes) {
  if (bytes.size() == 1 && bytes[0] == 'x') return RgbImage::filled(1, 1, 1, 2, 3);
  return fail(ErrorKind::kUnsupported, "not a picture");
}

Result<SearchRequest> decode(const std::string& text) {
  CLIPPATH_TRY(const Json body, parse_json(text));
  return decode_search_request(body, &decode_one_pixel);
}

std::string field_of(const std::string& text) {
  const auto request = decode(text);
  return request ? "accepted" : request.error().field;
}

TEST(SearchRequest, HasTheDefaultsOfTheContract) {
  const auto request = decode(R"({"query": {"text": "necrosis"}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<TextQuery>(request->query.at(0).what).text, "necrosis");
  EXPECT_EQ(request->k, 10);
  EXPECT_EQ(request->in, SearchIn::kPatches);
  EXPECT_EQ(request->group_by, GroupBy::kNone);
  EXPECT_EQ(request->group_size, 3);
  EXPECT_FALSE(request->exclude);
  EXPECT_FALSE(request->min_similarity);
  EXPECT_EQ(request->via, Via::kBoth);
  EXPECT_TRUE(request->filter.empty());
}

TEST(SearchRequest, TakesEveryField) {
  const auto request = decode(R"({
    "query": [{"text": "a", "weight": 0.5}, {"image": "eA==", "mpp": 0.5, "weight": -1},
              {"patch_id": "s~1_2_3"}, {"report_id": "r"}],
    "in": "reports", "k": 200, "group_by": "case", "group_size": 20, "exclude": "slide",
    "min_similarity": -0.5, "via": "neighbours", "encoder": "00",
    "filter": {"must": [{"field": "organ", "equals": "breast"},
                        {"field": "year", "range": {"gte": 2000, "lte": 2020.5}},
                        {"field": "day", "in": ["2024-02-29", "2024-02-30"]}],
               "should": [{"field": "stain", "exists": true}],
               "must_not": [{"field": "partial", "equals": true}]}})");
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->query.size(), 4U);
  EXPECT_EQ(request->query[0].weight, 0.5);
  EXPECT_EQ(std::get<ImageQuery>(request->query[1].what).mpp->value, 0.5);
  EXPECT_EQ(std::get<ImageQuery>(request->query[1].what).image.width, 1);
  EXPECT_EQ(std::get<PatchQuery>(request->query[2].what).id.value, "s~1_2_3");
  EXPECT_EQ(std::get<ReportQuery>(request->query[3].what).id.value, "r");
  EXPECT_EQ(request->in, SearchIn::kReports);
  EXPECT_EQ(request->group_by, GroupBy::kCase);
  EXPECT_EQ(request->exclude, Exclude::kSlide);
  EXPECT_EQ(request->min_similarity, -0.5);
  EXPECT_EQ(request->via, Via::kNeighbours);
  const Filter& filter = request->filter;
  EXPECT_EQ(filter.must[0].any_of.at(0), FieldValue("breast"));
  EXPECT_EQ(filter.must[1].at_most, 2020.5);
  EXPECT_EQ(filter.must[2].any_of, (std::vector<FieldValue>{Date{"2024-02-29"}, "2024-02-30"}));
  EXPECT_EQ(filter.should[0].exists, true);
  EXPECT_EQ(filter.must_not[0].any_of.at(0), FieldValue(true));
}

struct HostileBody {
  const char* field;
  std::string body;
};

std::string search(const std::string& rest) { return R"({"query": {"text": "a"}, )" + rest + "}"; }

std::vector<HostileBody> hostile_bodies() {
  std::vector<HostileBody> bodies{
      {"query", "{}"},
      {"query", R"({"query": null})"},
      {"query", R"({"query": "necrosis"})"},
      {"query", R"({"query": []})"},
      {"query", R"({"query": {}})"},
      {"query", R"({"query": {"text": "a", "patch_id": "b"}})"},
      {"query.text", R"({"query": {"text": ""}})"},
      {"query.text", R"({"query": {"text": 1}})"},
      {"query.text", R"({"query": {"text": ")" + std::string(65537, 'a') + R"("}})"},
      {"query.mpp", R"({"query": {"text": "a", "mpp": 0.5}})"},
      {"query.slide_id", R"({"query": {"patch_id": "a", "slide_id": "b"}})"},
      {"query.slide_id", R"({"query": {"image": "eA==", "slide_id": 1}})"},
      {"query.mpp", R"({"query": {"image": "eA==", "mpp": 0}})"},
      {"query.image", R"({"query": {"image": "eA"}})"},
      {"query.image", R"({"query": {"image": ""}})"},
      {"query.image", R"({"query": {"image": "eQ=="}})"},
      {"query.weight", R"({"query": {"text": "a", "weight": "1"}})"},
      {"query.weight", R"({"query": {"text": "a", "weight": 11}})"},
      {"query.vector", R"({"query": {"text": "a", "vector": [1]}})"},
      {"query[1]", R"({"query": [{"text": "a"}, {}]})"},
      {"query[1].text", R"({"query": [{"text": "a"}, {"text": []}]})"},
      {"k", search(R"("k": 0)")},
      {"k", search(R"("k": 201)")},
      {"k", search(R"("k": -1)")},
      {"k", search(R"("k": 1.5)")},
      {"k", search(R"("k": "10")")},
      {"k", search(R"("k": 18446744073709551615)")},
      {"k", search(R"("k": 99999999999999999999999)")},
      {"k", search(R"("k": null)")},
      {"in", search(R"("in": "people")")},
      {"in", search(R"("in": 1)")},
      {"group_by", search(R"("group_by": "organ")")},
      {"group_size", search(R"("group_size": 21)")},
      {"exclude", search(R"("exclude": "site")")},
      {"min_similarity", search(R"("min_similarity": 1.1)")},
      {"via", search(R"("via": "magic")")},
      {"encoder", search(R"("encoder": ")" + std::string(129, 'a') + "\"")},
      {"cursor", search(R"("cursor": "x")")},
      {"mode", search(R"("mode": "hybrid")")},
      {"diversity", search(R"("diversity": 0.5)")},
      {"explain", search(R"("explain": true)")},
      {"K", search(R"("K": 3)")},
      {"filter", search(R"("filter": [])")},
      {"filter.may", search(R"("filter": {"may": []})")},
      {"filter.must", search(R"("filter": {"must": {}})")},
      {"filter.must[0]", search(R"("filter": {"must": [1]})")},
      {"filter.must[0]", search(R"("filter": {"must": [{"field": "a"}]})")},
      {"filter.must[0]",
       search(R"("filter": {"must": [{"field": "a", "equals": 1, "exists": true}]})")},
      {"filter.must[0].field", search(R"("filter": {"must": [{"equals": 1}]})")},
      {"filter.must[0].equals", search(R"("filter": {"must": [{"field": "a", "equals": null}]})")},
      {"filter.must[0].equals", search(R"("filter": {"must": [{"field": "a", "equals": [1]}]})")},
      {"filter.must[0].in", search(R"("filter": {"must": [{"field": "a", "in": []}]})")},
      {"filter.must[0].range", search(R"("filter": {"must": [{"field": "a", "range": {}}]})")},
      {"filter.must[0].range.gt",
       search(R"("filter": {"must": [{"field": "a", "range": {"gt": 1}}]})")},
      {"filter.should[0].exists", search(R"("filter": {"should": [{"field": "a", "exists": 1}]})")},
  };
  std::string terms;
  for (int i = 0; i < 17; ++i) terms.append(i == 0 ? "" : ",").append(R"({"text": "a"})");
  bodies.push_back({"query", R"({"query": [)" + terms + "]}"});
  std::string conditions;
  for (int i = 0; i < 33; ++i) {
    conditions.append(i == 0 ? "" : ",").append(R"({"field": "a", "exists": true})");
  }
  bodies.push_back({"filter", search(R"("filter": {"must": [)" + conditions + R"(], "should": [)" +
                                     conditions + "]}")});
  std::string values = "1";
  for (int i = 0; i < 1000; ++i) values += ",1";
  bodies.push_back({"filter.must[0].in",
                    search(R"("filter": {"must": [{"field": "a", "in": [)" + values + "]}]}")});
  return bodies;
}

TEST(SearchRequest, NamesTheFieldThatIsWrongWithin50Milliseconds) {
  for (const HostileBody& one : hostile_bodies()) {
    const std::clock_t begin = std::clock();
    EXPECT_EQ(field_of(one.body), one.field) << one.body.substr(0, 200);
    if (test::kFiguresCount) {
      EXPECT_LT(std::clock() - begin, CLOCKS_PER_SEC / 20) << one.field;
    }
  }
}

TEST(SearchRequest, ListsTheKnownFieldsForAnUnknownOne) {
  const auto request = decode(search(R"("limit": 3)"));
  ASSERT_FALSE(request);
  EXPECT_NE(request.error().message.find("group_by"), std::string::npos);
}

TEST(SearchRequest, DecodesNoPictureWhileAnotherFieldIsWrong) {
  bool decoded = false;
  const auto body = parse_json(R"({"query": {"image": "eA=="}, "k": 0})");
  const auto request = decode_search_request(*body, [&](auto) -> Result<RgbImage> {
    decoded = true;
    return RgbImage::filled(1, 1, 0, 0, 0);
  });
  EXPECT_FALSE(request);
  EXPECT_FALSE(decoded);
}

TEST(ImageSearch, ReadsTheQueryString) {
  const auto target = parse_target(
      "/v1/search/image?in=slides&k=5&mpp=0.25&slide_id=s1&group_by=case&group_size=2&exclude=none"
      "&min_similarity=0.5&via=direct&encoder=0a"
      "&filter=%7B%22must%22%3A%5B%7B%22field%22%3A%22organ%22%2C%22equals%22%3A%22lung%22%7D%5D%"
      "7D");
  ASSERT_TRUE(target);
  const auto search = decode_image_search(*target);
  ASSERT_TRUE(search) << search.error().message;
  EXPECT_EQ(search->request.k, 5);
  EXPECT_EQ(search->picture.mpp->value, 0.25);
  EXPECT_EQ(search->picture.slide_id, SlideId("s1"));
  EXPECT_EQ(search->request.in, SearchIn::kSlides);
  EXPECT_EQ(search->request.group_by, GroupBy::kCase);
  EXPECT_EQ(search->request.min_similarity, 0.5);
  EXPECT_EQ(search->request.filter.must.at(0).field, "organ");
}

TEST(ImageSearch, NamesTheParameterThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"k", "k=ten"},
      {"k", "k="},
      {"k", "k=1e2"},
      {"k", "k=+5"},
      {"k", "k=201"},
      {"mpp", "mpp=nan"},
      {"mpp", "mpp=inf"},
      {"mpp", "mpp=0.01"},
      {"in", "in=all"},
      {"filter", "filter="},
      {"filter", "filter=%5B%5D"},
      {"filter", "filter=organ:lung"},
      {"min_similarity", "min_similarity=2"},
  };
  for (const auto& [field, query] : cases) {
    const auto search = decode_image_search(*parse_target(std::string("/?") + query));
    ASSERT_FALSE(search) << query;
    EXPECT_EQ(search.error().field, field) << query;
  }
}

TEST(RankRequest, TakesAPictureAndTexts) {
  const auto body = parse_json(R"({"image": "eA==", "mpp": 1, "texts": ["a", "b"]})");
  const auto request = decode_rank_request(*body, &decode_one_pixel);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->texts.size(), 2U);
  EXPECT_EQ(std::get<ImageQuery>(request->picture).mpp->value, 1);
}

TEST(RankRequest, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"texts", R"({"patch_id": "a"})"},
      {"texts", R"({"patch_id": "a", "texts": []})"},
      {"texts", R"({"patch_id": "a", "texts": "b"})"},
      {"texts[1]", R"({"patch_id": "a", "texts": ["b", ""]})"},
      {"image", R"({"texts": ["b"]})"},
      {"image", R"({"image": "eA==", "patch_id": "a", "texts": ["b"]})"},
      {"mpp", R"({"patch_id": "a", "mpp": 1, "texts": ["b"]})"},
      {"region", R"({"region": {}, "texts": ["b"]})"},
  };
  for (const auto& [field, text] : cases) {
    const auto request = decode_rank_request(*parse_json(text), &decode_one_pixel);
    ASSERT_FALSE(request) << text;
    EXPECT_EQ(request.error().field, field) << text;
  }
}

const std::string kTwoClasses = R"("classes": [{"name": "a"}, {"name": "b", "synonyms": ["c"]}])";

Result<ClassifyRequest> decode_classify(const std::string& fields) {
  CLIPPATH_TRY(const Json body, parse_json("{" + fields + "}"));
  return decode_classify_request(body, &decode_one_pixel);
}

TEST(ClassifyRequest, TakesAPictureAPatchOrASlide) {
  const auto image =
      decode_classify(R"("image": "eA==", "mpp": 1, "slide_id": "s", )" + kTwoClasses);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(std::get<ImageQuery>(image->subject).slide_id, SlideId("s"));
  EXPECT_EQ(std::get<ImageQuery>(image->subject).mpp->value, 1);
  EXPECT_EQ(image->top_j, 10);
  const auto patch = decode_classify(R"("patch_id": "p", "top_j": 50, )" + kTwoClasses);
  ASSERT_TRUE(patch) << patch.error().message;
  EXPECT_EQ(std::get<PatchQuery>(patch->subject).id.value, "p");
  EXPECT_EQ(patch->top_j, 50);
  const auto slide =
      decode_classify(R"("slide_id": "s", "templates": ["see CLASSNAME"], )" + kTwoClasses);
  ASSERT_TRUE(slide) << slide.error().message;
  EXPECT_EQ(std::get<SlideQuery>(slide->subject).id.value, "s");
  EXPECT_EQ(slide->prompts.classes().at(1).synonyms.at(0), "c");
  EXPECT_EQ(slide->prompts.ensembles.at(0).templates.at(0), "see CLASSNAME");
}

TEST(ClassifyRequest, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, std::string> cases[] = {
      {"image", kTwoClasses},
      {"image", R"("image": "eA==", "patch_id": "p", )" + kTwoClasses},
      {"image", R"("image": "eA", )" + kTwoClasses},
      {"slide_id", R"("patch_id": "p", "slide_id": "s", )" + kTwoClasses},
      {"mpp", R"("patch_id": "p", "mpp": 1, )" + kTwoClasses},
      {"mpp", R"("slide_id": "s", "mpp": 1, )" + kTwoClasses},
      {"top_j", R"("slide_id": "s", "top_j": 0, )" + kTwoClasses},
      {"top_j", R"("slide_id": "s", "top_j": 101, )" + kTwoClasses},
      {"top_j", R"("slide_id": "s", "top_j": 2.5, )" + kTwoClasses},
      {"classes", R"("slide_id": "s")"},
      {"classes", R"("slide_id": "s", "classes": [{"name": "a"}])"},
      {"classes[0].names", R"("slide_id": "s", "classes": [{"names": ["a"], "name": "b"}])"},
      {"templates[0]", R"("slide_id": "s", "templates": ["a picture"], )" + kTwoClasses},
      {"format", R"("format": 1, "slide_id": "s", )" + kTwoClasses},
      {"region", R"("region": {}, )" + kTwoClasses},
  };
  for (const auto& [field, fields] : cases) {
    const auto request = decode_classify(fields);
    ASSERT_FALSE(request) << fields;
    EXPECT_EQ(request.error().field, field) << fields;
  }
}

TEST(ClassifyRequest, RefusesMorePromptsThanARequestMayHave) {
  std::string templates;
  for (int i = 0; i < 200; ++i) templates.append(i == 0 ? "" : ",").append(R"("CLASSNAME")");
  std::string classes;
  for (int i = 0; i < 6; ++i) {
    classes.append(i == 0 ? R"({"name": ")" : R"(,{"name": ")").append(std::to_string(i) + "\"}");
  }
  const auto request = decode_classify(R"("slide_id": "s", "templates": [)" + templates +
                                       R"(], "classes": [)" + classes + "]");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().field, "classes");
  EXPECT_EQ(request.error().limit, "1000 prompts");
}

}  // namespace
}  // namespace clippath
