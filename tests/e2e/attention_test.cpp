// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <httplib.h>

#include <map>
#include <optional>

#include "clippath/data_folder.h"
#include "core/json/json.h"
#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

const std::string kNetwork = source_path("tests/golden/models/dino-vits-tiny");

/// Indexes two real slides with a small network of random weights.
class AttentiveIndex : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  [[nodiscard]] Finished index(const std::string& data, std::vector<std::string> options) const {
    std::vector<std::string> command = {"index",
                                        source_path("demo/slides/pdac-HE1-2048.svs"),
                                        source_path("demo/slides/breast-ilc-HE-2048.svs"),
                                        "--data",
                                        path(data),
                                        "--model",
                                        source_path("demo/model/atlas-clippath-small"),
                                        "--level0-px",
                                        "256"};
    command.insert(command.end(), options.begin(), options.end());
    return run(command);
  }
  [[nodiscard]] static Json summary_of(const Finished& finished) {
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return parse_json(finished.out).value_or(Json::object());
  }
  /// The stored score of every patch.
  [[nodiscard]] std::map<std::string, std::optional<double>> scores(const std::string& data) const {
    const auto folder = DataFolder::open(path(data), Access::kRead, "test");
    EXPECT_TRUE(folder);
    std::map<std::string, std::optional<double>> scores;
    const auto visited =
        (*folder)->records().each_patch([&](const SlideRecord&, PatchRow&& row) -> Result<void> {
          scores[row.record.id.value] = row.record.attention;
          return {};
        });
    EXPECT_TRUE(visited);
    return scores;
  }

  TempDir folder_;
};

TEST_F(AttentiveIndex, CountsWhatItDropsAndShowsTheScoreOfWhatItKeeps) {
  ASSERT_EQ(index("plain", {}).exit_code, 0);
  const auto all = patches_in(path("plain"));
  const Json summary = summary_of(
      index("data", {"--attention-model", kNetwork, "--attention-keep", "0.65", "--json"}));
  std::int64_t kept = 0;
  std::int64_t dropped = 0;
  std::int64_t scored = 0;
  for (const Json& slide : summary["slides"]) {
    kept += slide["tiles"].value("kept", 0);
    dropped += slide["tiles"].value("attention", 0);
    EXPECT_EQ(slide["attention"][0]["threshold"], 0.5);
    for (const Json& count : slide["attention"][0]["scores"]) scored += count.get<std::int64_t>();
  }
  EXPECT_GT(kept, 5);
  EXPECT_GT(dropped, 5);
  EXPECT_EQ(kept + dropped, static_cast<std::int64_t>(all.size()));
  EXPECT_EQ(scored, kept + dropped);

  const auto stored = scores("data");
  EXPECT_EQ(stored.size(), static_cast<std::size_t>(kept));
  for (const auto& [id, score] : stored) {
    ASSERT_TRUE(score) << id;
    EXPECT_GT(*score, 0.65) << id;
  }
  for (const auto& [id, score] : scores("plain")) EXPECT_FALSE(score) << id;

  Program serve({"serve", "--data", path("data"), "--listen", "127.0.0.1:0"});
  const auto port = serve.wait_for_port();
  ASSERT_TRUE(port);
  httplib::Client client("127.0.0.1", *port);
  const auto answer = client.Get("/v1/patches/" + stored.begin()->first);
  ASSERT_TRUE(answer && answer->status == 200);
  EXPECT_EQ((*parse_json(answer->body))["attention"], *stored.begin()->second);
  const double least = *stored.begin()->second;
  const Json search = {
      {"query", {{"text", "tumour"}}},
      {"k", 50},
      {"filter", {{"must", {{{"field", "attention"}, {"range", {{"gte", least}}}}}}}}};
  const auto found = client.Post("/v1/search", to_text(search), "application/json");
  ASSERT_TRUE(found && found->status == 200) << (found ? found->body : "");
  const Json hits = (*parse_json(found->body))["hits"];
  EXPECT_FALSE(hits.empty());
  for (const Json& hit : hits) {
    EXPECT_GE(stored.at(hit["id"]).value_or(0), least);
  }
}

TEST_F(AttentiveIndex, WritesTheSameForAnyNumberOfThreads) {
  for (const std::string target : {"", "0.5"}) {
    std::vector<Json> attention;
    for (const std::string threads : {"1", "2"}) {
      std::vector<std::string> options = {"--attention-model", kNetwork, "--threads", threads,
                                          "--json"};
      if (!target.empty()) options.insert(options.end(), {"--target-keep", target});
      Json found = Json::array();
      for (const Json& slide : summary_of(index(target + "t" + threads, options))["slides"]) {
        found.push_back(slide["attention"]);
        if (target.empty()) continue;
        const double kept = slide["tiles"]["kept"];
        const double all = kept + slide["tiles"]["attention"].get<double>();
        EXPECT_NEAR(kept / all, 0.5, 0.1);
      }
      attention.push_back(std::move(found));
    }
    EXPECT_EQ(attention[0], attention[1]);
    EXPECT_EQ(patches_in(path(target + "t1")), patches_in(path(target + "t2")));
    EXPECT_EQ(scores(target + "t1"), scores(target + "t2"));
    EXPECT_FALSE(scores(target + "t1").empty());
  }
}

TEST_F(AttentiveIndex, ShowsWhereItLookedAndVerifiesAScore) {
  // A threshold that each series finds, so that the rule alone does not repeat the score.
  const Finished finished = index("data", {"--attention-model", kNetwork, "--target-keep", "0.5",
                                           "--explain", path("overlays")});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  for (const char* name : {"pdac-HE1-2048_256.png", "pdac-HE1-2048_256_attention.png"}) {
    EXPECT_TRUE(std::filesystem::exists(path("overlays") + "/" + name)) << name;
  }
  const auto stored = scores("data");
  ASSERT_FALSE(stored.empty());
  std::vector<std::string> verify = {"index",  "--data", path("data"), "--attention-model",
                                     kNetwork, "--json"};
  for (const auto& [id, score] : stored) verify.insert(verify.end(), {"--verify-patch", id});
  const Finished verified = run(verify);
  ASSERT_EQ(verified.exit_code, 0) << verified.err;
  const Json patches = (*parse_json(verified.out))["patches"];
  ASSERT_EQ(patches.size(), stored.size());
  for (const Json& patch : patches) {
    const double score = *stored.at(patch["id"]);
    EXPECT_EQ(patch["attention"]["stored"], score) << patch["id"];
    EXPECT_EQ(patch["attention"]["now"], score) << patch["id"];
  }
  const Finished without =
      run({"index", "--data", path("data"), "--verify-patch", stored.begin()->first});
  EXPECT_EQ(without.exit_code, 0) << without.err;
  EXPECT_THAT(without.out, HasSubstr("not repeated: give --attention-model"));
}

TEST_F(AttentiveIndex, PrintsHowTilesScored) {
  const Finished finished =
      index("data", {"--attention-model", kNetwork, "--attention-mode", "max",
                     "--attention-threshold", "0.1", "--attention-heads", "each",
                     "--attention-layers", "2,3", "--attention-keep", "0.1"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("tiles dropped; tiles by score:\n  0.0..0.1"));
  EXPECT_THAT(finished.out, HasSubstr("\n  0.9..1.0"));
}

TEST_F(AttentiveIndex, RefusesWhatCannotBeFilteredByAndWritesNothing) {
  const struct {
    std::vector<std::string> options;
    const char* says;
  } cases[] = {
      {{"--attention-model", kNetwork, "--attention-mode", "rank"}, "keeps all or none"},
      {{"--attention-model", kNetwork, "--attention-mode", "raw"}, "give --attention-threshold"},
      {{"--attention-model", kNetwork, "--attention-layers", "4"}, "layers 0..3"},
      {{"--attention-model", kNetwork, "--attention-layers", "1,,2"}, "--attention-layers"},
      {{"--attention-model", kNetwork, "--target-keep", "0.5", "--attention-threshold", "1"},
       "--target-keep"},
      {{"--target-keep", "0.5"}, "--attention-model"},
      {{"--attention-model", source_path("demo/model/atlas-clippath-small")}, "dino_vit or vit"}};
  for (const auto& one : cases) {
    const Finished refused = index("data", one.options);
    EXPECT_NE(refused.exit_code, 0) << one.says;
    EXPECT_THAT(refused.err, HasSubstr(one.says));
    EXPECT_FALSE(std::filesystem::exists(path("data"))) << one.says;
  }
}

// Without a model only the network can ask for the device.
TEST_F(AttentiveIndex, LoadsTheNetworkOntoTheDeviceOfTheEncoders) {
  const Finished refused =
      run({"index", source_path("demo/slides/pdac-HE1-2048.svs"), "--data", path("data"),
           "--attention-model", kNetwork, "--device", "cuda:127"});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("--device cuda:127"));
}

}  // namespace
}  // namespace clippath::test
