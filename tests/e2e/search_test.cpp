// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/core/ids.h"
#include "clippath/core/pictures.h"
#include "core/json/json.h"
#include "tests/e2e/demo_folder.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

class SearchProgram : public DemoFolder {
 protected:
  static Json search(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"search", "--data", data(), "--json"});
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return parse_json(finished.out, {1U << 24U}).value_or(Json::object());
  }
};

TEST_F(SearchProgram, FindsTheDiagnosisThatTheWordsName) {
  const Json answer = search({"--text", "kidney oncocytoma", "-k", "3"});
  ASSERT_EQ(answer["hits"].size(), 3U);
  EXPECT_THAT(answer["hits"][0]["caption"].get<std::string>(), HasSubstr("ncocytoma"));
}

TEST_F(SearchProgram, FindsAPatchByItsId) {
  const Json sheet_query = search({"--text", "squamous cell carcinoma of the lung", "-k", "1",
                                   "--filter", "slide_id=pdac-HE1-2048"});
  const std::string id = sheet_query["hits"][0]["id"];
  const Json again = search({"--patch", id, "--exclude", "none", "-k", "1"});
  EXPECT_EQ(again["hits"][0]["id"], id);
  EXPECT_GE(again["hits"][0]["similarity"].get<double>(), 0.99);
}

TEST_F(SearchProgram, FindsAReadyMadePatchByItsFile) {
  const CsvTable table = read_csv(source_path("demo/patches/patches.csv")).value();
  const std::string file = table.rows[0][table.column("file").value()];
  const std::string slide = table.rows[0][table.column("slide").value()];
  const Json answer = search({"--image", source_path("demo/patches/" + file), "-k", "1"});
  EXPECT_EQ(answer["hits"][0]["slide_id"], escape_id(slide));
  EXPECT_GE(answer["hits"][0]["similarity"].get<double>(), 0.99);
}

TEST_F(SearchProgram, FiltersAndGroups) {
  const Json answer =
      search({"--text", "carcinoma", "--filter", "organ=lung", "--group-by", "case", "-k", "5"});
  ASSERT_GE(answer["groups"].size(), 1U);
  for (const Json& group : answer["groups"]) {
    for (const Json& hit : group["hits"]) EXPECT_EQ(hit["fields"]["organ"], "lung");
  }
}

TEST_F(SearchProgram, FindsReportsForAPatchAndPatchesForAReport) {
  const Json patch = search({"--text", "lobular carcinoma of the breast", "-k", "1", "--filter",
                             "slide_id=breast-ilc-HE-2048"});
  const Json reports = search({"--patch", patch["hits"][0]["id"], "--in", "reports", "--exclude",
                               "none", "--via", "neighbours"});
  ASSERT_GE(reports["hits"].size(), 1U);
  EXPECT_TRUE(reports["hits"][0]["linked"].get<bool>());
  const Json patches = search({"--report", reports["hits"][0]["id"], "--exclude", "none"});
  EXPECT_EQ(patches["hits"].size(), 10U);
}

TEST_F(SearchProgram, DrawsAContactSheet) {
  const TempDir folder;
  const std::string sheet = folder.path() / "hits.jpg";
  search({"--text", "adenocarcinoma of the pancreas", "-k", "7", "--contact-sheet", sheet});
  const auto picture = decode_picture(read_file(sheet, 1U << 24U).value());
  ASSERT_TRUE(picture.has_value());
  EXPECT_GT(picture->width, 1000);
}

TEST_F(SearchProgram, WritesTheHitsAsCsv) {
  const std::vector<std::string> query = {"--text", "carcinoma", "-k", "7"};
  const Json answer = search(query);
  std::vector<std::string> words = {"search", "--data", data(), "--format", "csv"};
  words.insert(words.end(), query.begin(), query.end());
  const auto table = parse_csv(run(words).out);
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->rows.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto cell = [&](const char* column) { return table->rows[i][*table->column(column)]; };
    const Json& hit = answer["hits"][i];
    EXPECT_EQ(cell("rank"), std::to_string(i + 1));
    EXPECT_EQ(cell("id"), hit["id"]);
    EXPECT_NEAR(std::stod(cell("similarity")), hit["similarity"].get<double>(), 1e-9);
    EXPECT_EQ(cell("level0_x"), hit["rect"]["x"].dump());
    EXPECT_EQ(std::stod(cell("mpp")), hit["mpp"].get<double>());
    EXPECT_EQ(cell("caption"), hit["caption"]);
  }
  EXPECT_TRUE(table->column("field:organ").has_value());
}

TEST_F(SearchProgram, WritesTheHitsForQuPath) {
  const Finished finished = run({"search", "--data", data(), "--text", "carcinoma", "-k", "5",
                                 "--format", "geojson", "--filter", "slide_id=pdac-HE1-2048"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Json json = parse_json(finished.out, {1U << 24U}).value_or(Json());
  ASSERT_EQ(json["features"].size(), 5U);
  const Json answer =
      search({"--text", "carcinoma", "-k", "5", "--filter", "slide_id=pdac-HE1-2048"});
  for (std::size_t i = 0; i < 5; ++i) {
    const Json& feature = json["features"][i];
    const Json& hit = answer["hits"][i];
    EXPECT_EQ(feature["properties"]["name"], hit["id"]);
    EXPECT_EQ(feature["properties"]["metadata"]["slide_id"], "pdac-HE1-2048");
    EXPECT_NEAR(feature["properties"]["measurements"]["similarity"].get<double>(),
                hit["similarity"].get<double>(), 1e-6);
    const Json& ring = feature["geometry"]["coordinates"][0];
    EXPECT_EQ(ring[0].dump(), "[" + hit["rect"]["x"].dump() + "," + hit["rect"]["y"].dump() + "]");
    EXPECT_EQ(ring[0], ring[4]);
  }
  EXPECT_EQ(finished.err, "");
}

TEST_F(SearchProgram, TellsThatQuPathShowsOneSlideAtATime) {
  const Finished finished =
      run({"search", "--data", data(), "--text", "carcinoma", "-k", "200", "--format", "geojson"});
  EXPECT_THAT(finished.err, HasSubstr("slide_id=ID"));
}

TEST_F(SearchProgram, NamesWhatIsWrong) {
  const auto complaint = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"search", "--data", data()});
    return run(arguments);
  };
  EXPECT_THAT(complaint({}).err, HasSubstr("--text"));
  EXPECT_EQ(complaint({}).exit_code, 2);
  EXPECT_EQ(complaint({"--text", "a", "-k", "0"}).exit_code, 2);
  EXPECT_THAT(complaint({"--text", "a", "--filter", "organn=x"}).err, HasSubstr("'organn'"));
  EXPECT_EQ(complaint({"--text", "a", "--json", "--format", "csv"}).exit_code, 2);
  EXPECT_THAT(complaint({"--text", "a", "--in", "reports", "--format", "geojson"}).err,
              HasSubstr("--in patches"));
  EXPECT_THAT(complaint({"--patch", "nowhere~0_0_1"}).err, HasSubstr("nowhere~0_0_1"));
  EXPECT_THAT(complaint({"--image", source_path("README.md")}).err,
              HasSubstr("neither a PNG nor a JPEG"));
  EXPECT_THAT(run({"search", "--data", "/nonexistent/folder", "--text", "a"}).err,
              HasSubstr("/nonexistent/folder"));
}

std::string write_prompts(const TempDir& folder, const std::string& text) {
  const std::string path = folder.path() / "classes.json";
  std::ofstream(path) << text;
  return path;
}

constexpr const char* kOrganPrompts = R"({"format": 1,
  "templates": ["CLASSNAME", "an image of CLASSNAME."],
  "classes": [{"name": "breast", "synonyms": ["lobular carcinoma of the breast"]},
              {"name": "pancreas", "synonyms": ["adenocarcinoma of the pancreas"]},
              {"name": "kidney", "synonyms": ["kidney oncocytoma"]}]})";

TEST_F(SearchProgram, ClassifiesASlideAPatchAndAPicture) {
  const TempDir folder;
  const std::string classes = write_prompts(folder, kOrganPrompts);
  const Json slide = search({"--classify", classes, "--slide", "pdac-HE1-2048", "--top-j", "5"});
  ASSERT_EQ(slide["classes"].size(), 3U);
  EXPECT_EQ(slide["classes"][0]["name"], "pancreas");
  EXPECT_EQ(slide["pooled"], 5);
  EXPECT_GT(slide["vectors"].get<int>(), 5);
  EXPECT_NEAR(slide["extent_um"].get<double>(), 512, 1);
  EXPECT_NEAR(slide["logit_scale"].get<double>(), 14.9, 0.05);
  EXPECT_TRUE(slide["classes"][0]["probability_spread"].is_null());

  const Json hits = search({"--text", "kidney oncocytoma", "-k", "1"});
  const Json patch = search({"--classify", classes, "--patch", hits["hits"][0]["id"]});
  EXPECT_EQ(patch["classes"][0]["name"], "kidney");
  EXPECT_EQ(patch["vectors"], 1);

  const CsvTable table = read_csv(source_path("demo/patches/patches.csv")).value();
  const std::size_t file = table.column("file").value();
  const auto row = std::find_if(table.rows.begin(), table.rows.end(), [&](const auto& cells) {
    return cells[file].starts_with("kidneyoncocytoma_HE/1024_");
  });
  ASSERT_NE(row, table.rows.end());
  const std::string picture = source_path("demo/patches/" + (*row)[file]);
  EXPECT_EQ(search({"--classify", classes, "--image", picture})["classes"][0]["name"], "kidney");
}

TEST_F(SearchProgram, ReportsTheSpreadOverEnsemblesOfPrompts) {
  const TempDir folder;
  const std::string classes = write_prompts(folder, R"({
    "0": {"classnames": {"P": "pancreatic adenocarcinoma", "K": "kidney oncocytoma"},
          "templates": ["CLASSNAME."]},
    "1": {"classnames": {"K": ["oncocytoma", "a tumour of the kidney"], "P": "pancreas cancer"},
          "templates": ["an image of CLASSNAME.", "CLASSNAME"]}})");
  const Json answer = search({"--classify", classes, "--slide", "pdac-HE1-2048"});
  EXPECT_EQ(answer["ensembles"], 2);
  EXPECT_EQ(answer["classes"][0]["name"], "P");
  EXPECT_GT(answer["classes"][0]["similarity_spread"].get<double>(), 0);
  const Finished table =
      run({"search", "--data", data(), "--classify", classes, "--slide", "pdac-HE1-2048"});
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("+-"));
  EXPECT_THAT(table.err, HasSubstr("not a diagnosis"));
  EXPECT_THAT(table.err, HasSubstr("2 ensembles"));
}

TEST_F(SearchProgram, NamesWhatIsWrongWithAClassification) {
  const TempDir folder;
  const std::string classes = write_prompts(folder, kOrganPrompts);
  const auto complaint = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"search", "--data", data()});
    return run(arguments);
  };
  EXPECT_EQ(complaint({"--classify", classes}).exit_code, 2);
  EXPECT_THAT(complaint({"--classify", classes}).err, HasSubstr("--slide"));
  EXPECT_EQ(complaint({"--classify", classes, "--slide", "a", "--patch", "b"}).exit_code, 2);
  EXPECT_EQ(complaint({"--classify", classes, "--slide", "a", "--text", "b"}).exit_code, 2);
  EXPECT_EQ(complaint({"--classify", classes, "--slide", "a", "-k", "3"}).exit_code, 2);
  EXPECT_EQ(complaint({"--classify", classes, "--slide", "a", "--top-j", "0"}).exit_code, 2);
  EXPECT_EQ(complaint({"--slide", "pdac-HE1-2048"}).exit_code, 2);
  EXPECT_THAT(complaint({"--classify", classes, "--slide", "nowhere"}).err, HasSubstr("nowhere"));
  const std::string wrong = write_prompts(folder, R"({"format": 1, "classes": [{"name": "a"}]})");
  const Finished refused = complaint({"--classify", wrong, "--slide", "pdac-HE1-2048"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("classes.json"));
  EXPECT_THAT(refused.err, HasSubstr("2..100"));
  EXPECT_THAT(complaint({"--classify", "/nonexistent.json", "--slide", "pdac-HE1-2048"}).err,
              HasSubstr("/nonexistent.json"));
}

TEST_F(SearchProgram, WaitsForNobodyWhoHoldsTheFolder) {
  Program server({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(server.wait_for_port().has_value()) << server.err();
  const Finished refused = run({"search", "--data", data(), "--text", "a"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("serve"));
  EXPECT_THAT(refused.err, HasSubstr("process"));
}

TEST_F(SearchProgram, DoctorFindsTheFolderHealthy) {
  const Finished finished = run(
      {"doctor", "--data", data(), "--slide", source_path("demo/slides/breast-ilc-HE-2048.svs")});
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  EXPECT_THAT(finished.out, HasSubstr("every checksum is right"));
  EXPECT_THAT(finished.out, HasSubstr("aperio"));
  EXPECT_THAT(finished.out, HasSubstr("--device cuda"));
}

}  // namespace
}  // namespace clippath::test
