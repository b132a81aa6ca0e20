// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

/// A data folder of two encoders: the bundled model, and a tiny one that has no text tower.
class TwoEncoders : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempDir>();
    const Finished finished = run({"index", kSlide, "--data", data(), "--model", kModel, "--model",
                                   kTiny, "--um", "256", "--json"});
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
    const Json summary = parse_json(finished.out).value();
    ASSERT_EQ(summary["encoders"].size(), 2U);
    tiny_id_ = summary["encoders"][1]["id"].get<std::string>();
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string data() { return folder_->path() / "data"; }
  static Json search(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"search", "--data", data(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return parse_json(finished.out).value_or(Json::object());
  }

  static inline std::unique_ptr<TempDir> folder_;
  static inline std::string tiny_id_;
  static inline const std::string kSlide = source_path("demo/slides/breast-ilc-HE-2048.svs");
  static inline const std::string kModel = source_path("demo/model/atlas-clippath-small");
  static inline const std::string kTiny = source_path("tests/golden/models/timm-tiny");
  static inline const std::string kPatch = "breast-ilc-HE-2048~0_0_506";
};

// The tiny model alone would have its tiles read at a coarser level.
TEST_F(TwoEncoders, StoreForTheLargerOneWhatItStoresAlone) {
  const TempDir alone;
  ASSERT_EQ(
      run({"index", kSlide, "--data", alone.path() / "data", "--model", kModel, "--um", "256"})
          .exit_code,
      0);
  const auto exported = [&](const std::string& from, std::vector<std::string> more) {
    const TempDir out;
    std::vector<std::string> arguments = {"store",    "export", "--data", from,
                                          "--format", "ndjson", "--out",  out.path() / "rows"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(run(arguments).exit_code, 0);
    return read_text_file(out.path() / "rows/patches.ndjson", 1U << 24U).value_or("");
  };
  const std::string rows = exported(alone.path() / "data", {});
  EXPECT_FALSE(rows.empty());
  EXPECT_EQ(exported(data(), {"--encoder", "atlas-clippath-small"}), rows);
  EXPECT_THAT(exported(data(), {"--encoder", "timm-tiny"}), HasSubstr(tiny_id_));
}

TEST_F(TwoEncoders, AnswerAQueryThatNamesThem) {
  const Json first = search({"--patch", kPatch, "--exclude", "none"});
  const Json by_name = search({"--patch", kPatch, "--exclude", "none", "--encoder", "timm-tiny"});
  const Json by_id = search({"--patch", kPatch, "--exclude", "none", "--encoder", tiny_id_});
  EXPECT_NE(first["encoder"], tiny_id_);
  EXPECT_EQ(by_name["encoder"], tiny_id_);
  EXPECT_EQ(by_name["hits"], by_id["hits"]);
  EXPECT_NE(by_name["hits"], first["hits"]);
  EXPECT_THAT(
      run({"search", "--data", data(), "--text", "carcinoma", "--encoder", "timm-tiny"}).err,
      HasSubstr("no text tower"));
  EXPECT_THAT(run({"search", "--data", data(), "--patch", kPatch, "--encoder", "plip"}).err,
              HasSubstr(tiny_id_));
}

TEST_F(TwoEncoders, AnswerOverHttpEachForItself) {
  Program server({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  const auto port = server.wait_for_port();
  ASSERT_TRUE(port) << server.err();
  httplib::Client client("127.0.0.1", *port);
  const auto ask = [&](const std::string& encoder) {
    Json body = {{"query", {{"patch_id", kPatch}}}, {"exclude", "none"}};
    if (!encoder.empty()) body["encoder"] = encoder;
    const auto answer = client.Post("/v1/search", to_text(body), "application/json");
    return answer ? *answer : httplib::Response();
  };
  const Json info = parse_json(client.Get("/v1/info")->body).value();
  ASSERT_EQ(info["models"].size(), 2U);
  EXPECT_EQ(info["models"][1]["encoder"], tiny_id_);
  EXPECT_EQ(info["models"][1]["texts"], false);
  for (const Json& model : info["models"]) {
    const auto answer = ask(model["encoder"].get<std::string>());
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json json = parse_json(answer.body).value();
    EXPECT_EQ(json["encoder"], model["encoder"]);
    EXPECT_EQ(json["hits"][0]["id"], kPatch);
  }
  EXPECT_EQ(parse_json(ask("").body).value()["encoder"], info["model"]["encoder"]);
  const auto unknown = ask("nobody");
  EXPECT_EQ(unknown.status, 409);
  EXPECT_THAT(unknown.body, HasSubstr("encoder_mismatch"));
  const auto ready = client.Get("/readyz");
  EXPECT_EQ(ready->status, 200) << ready->body;
}

TEST_F(TwoEncoders, AreAllMadeAgainByAVerification) {
  const Finished finished =
      run({"index", kSlide, "--data", data(), "--verify-patch", kPatch, "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Json json = parse_json(finished.out).value();
  ASSERT_EQ(json["patches"][0]["vectors"].size(), 2U);
  for (const Json& vector : json["patches"][0]["vectors"]) {
    EXPECT_GE(vector["cosine"].get<double>(), 0.9999);
  }
}

TEST_F(TwoEncoders, RefuseARunThatWouldLeaveOneOut) {
  const Finished one = run({"index", kSlide, "--data", data(), "--model", kTiny, "--um", "256"});
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_THAT(one.err, HasSubstr("atlas-clippath-small"));
  const Finished twice =
      run({"index", kSlide, "--data", data(), "--model", kTiny, "--model", kTiny, "--um", "256"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("give each once"));
  const Finished own = run({"index", kSlide, "--data", data(), "--um", "256", "--json"});
  ASSERT_EQ(own.exit_code, 0) << own.err;
  EXPECT_EQ(parse_json(own.out).value()["slides"][0]["state"], "unchanged");
}

TEST_F(TwoEncoders, LetAModelOfPicturesFindReportsThroughItsNeighbours) {
  const auto reports = folder_->path() / "reports.csv";
  std::ofstream(reports) << "id,case,slide,text\nr1,breast-ilc-HE-2048,breast-ilc-HE-2048,"
                            "Invasive lobular carcinoma\n";
  ASSERT_EQ(run({"reports", "import", reports, "--data", data()}).exit_code, 0);
  for (const char* encoder : {"atlas-clippath-small", "timm-tiny"}) {
    const Json answer =
        search({"--patch", kPatch, "--in", "reports", "--exclude", "none", "--encoder", encoder});
    ASSERT_EQ(answer["hits"].size(), 1U) << encoder;
    EXPECT_EQ(answer["hits"][0]["id"], "r1");
    const Json patches = search({"--patch", kPatch, "--exclude", "none", "--encoder", encoder});
    EXPECT_EQ(patches["hits"][0]["report"]["id"], "r1") << encoder;
  }
}

}  // namespace
}  // namespace clippath::test
