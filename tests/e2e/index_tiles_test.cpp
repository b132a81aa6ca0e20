// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/json/json.h"
#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

const std::string kModel = source_path("demo/model/atlas-clippath-small");
const std::string kSlide = source_path("demo/slides/breast-ilc-HE-2048.svs");

class IndexTiles : public testing::Test {
 protected:
  Finished index(const std::string& slide, std::vector<std::string> more) {
    std::vector<std::string> words = {"index", slide, "--data", data_, "--model", kModel};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  Finished verify(std::vector<std::string> ids) {
    std::vector<std::string> words = {"index", "--data", data_, "--json"};
    for (const std::string& id : ids) words.insert(words.end(), {"--verify-patch", id});
    return run(words);
  }

  const TempDir folder_;
  const std::string data_ = folder_.path() / "data";
};

TEST_F(IndexTiles, PixelsTimesTheirSizeAreMicrometres) {
  ASSERT_EQ(index(kSlide, {"--px", "1024", "--mpp", "0.25"}).exit_code, 0);
  EXPECT_GE(patches_in(data_).size(), 1U);
  const Finished again = index(kSlide, {"--um", "256"});
  EXPECT_THAT(again.out, HasSubstr("unchanged"));
  const std::vector<std::vector<std::string>> wrong = {
      {"--px", "512"},
      {"--mpp", "0.5"},
      {"--px", "512", "--mpp", "0.5", "--um", "256"},
      {"--px", "512", "--mpp", "0.5", "--level0-px", "1024"}};
  for (const auto& options : wrong) {
    const Finished refused = index(kSlide, options);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("--px"));
  }
}

TEST_F(IndexTiles, APatchIsMadeAgainAndHolds) {
  ASSERT_EQ(index(kSlide, {"--um", "256", "--edge", "pad", "--overlap", "0.3"}).exit_code, 0);
  std::vector<std::string> ids;
  for (const auto& [id, vector] : patches_in(data_)) ids.push_back(id);
  const Finished all = verify(ids);
  EXPECT_EQ(all.exit_code, 0) << all.out << all.err;
  const auto json = parse_json(all.out);
  ASSERT_TRUE(json);
  ASSERT_EQ((*json)["patches"].size(), ids.size());
  for (const Json& patch : (*json)["patches"]) {
    ASSERT_EQ(patch["vectors"].size(), 1U);
    EXPECT_GE(patch["vectors"][0]["cosine"].get<double>(), 0.9999);
    EXPECT_EQ(patch["picture_hash"]["stored"], patch["picture_hash"]["now"]);
    EXPECT_EQ(patch["tissue_fraction"]["stored"], patch["tissue_fraction"]["now"]);
  }
  EXPECT_EQ(verify({"nobody~0_0_1"}).exit_code, 1);
  const Finished some = verify({ids[0], "nobody~0_0_1"});
  EXPECT_EQ(some.exit_code, 3);
  EXPECT_THAT(some.err, HasSubstr("no patch 'nobody~0_0_1'"));
}

TEST_F(IndexTiles, AChangedSlideIsNotWhatWasIndexed) {
  const auto slide = folder_.path() / "copy.svs";
  std::filesystem::copy_file(kSlide, slide);
  ASSERT_EQ(index(slide, {"--um", "256"}).exit_code, 0);
  const std::string id = patches_in(data_).begin()->first;
  EXPECT_EQ(verify({id}).exit_code, 0);
  std::ofstream(slide, std::ios::app) << "more";
  const Finished changed = verify({id});
  EXPECT_EQ(changed.exit_code, 1);
  EXPECT_THAT(changed.err, HasSubstr("other bytes"));
  std::filesystem::remove(slide);
  EXPECT_EQ(verify({id}).exit_code, 1);
}

TEST_F(IndexTiles, TakesTheRegionsThatQuPathExports) {
  ASSERT_EQ(index(kSlide, {"--um", "128", "--overlap", "0.5"}).exit_code, 0);
  const auto whole = patches_in(data_);
  std::filesystem::create_directory(folder_.path() / "drawn");
  std::ofstream(folder_.path() / "drawn" / "breast-ilc-HE-2048.geojson")
      << R"({"type":"FeatureCollection","features":[
            {"type":"Feature","id":"e8a1","geometry":{"type":"Polygon","coordinates":
              [[[0,0],[1100,0],[1100,2048],[0,2048],[0,0]]]},
             "properties":{"objectType":"annotation","classification":{"name":"Tumor","color":[200,0,0]}}},
            {"type":"Feature","id":"17c2","geometry":{"type":"Polygon","coordinates":
              [[[0,0],[1100,0],[1100,700],[0,700],[0,0]]]},
             "properties":{"objectType":"annotation","classification":{"name":"Ignore*","color":[180,180,180]}}}]})";
  const std::string drawn = folder_.path() / "drawn";
  const Finished finished =
      index(kSlide, {"--um", "128", "--overlap", "0.5", "--roi", drawn, "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const auto json = parse_json(finished.out);
  ASSERT_TRUE(json);
  EXPECT_GT((*json)["slides"][0]["tiles"]["outside_roi"].get<int>(), 0);
  EXPECT_GT((*json)["slides"][0]["tiles"]["excluded"].get<int>(), 0);
  const auto part = patches_in(data_);
  EXPECT_GE(part.size(), 4U);
  EXPECT_LT(part.size(), whole.size());
  EXPECT_EQ(verify({part.begin()->first}).exit_code, 0);

  const Finished none = index(kSlide, {"--um", "128", "--roi", drawn, "--roi-class", "Stroma"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("--roi-class"));
  const Finished absent = index(source_path("demo/slides/pdac-HE1-2048.svs"), {"--roi", drawn});
  EXPECT_EQ(absent.exit_code, 1);
  EXPECT_THAT(absent.err, HasSubstr("pdac-HE1-2048.geojson"));
  EXPECT_EQ(index(kSlide, {"--roi", folder_.path() / "nowhere"}).exit_code, 2);
}

}  // namespace
}  // namespace clippath::test
