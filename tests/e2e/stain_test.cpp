// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <httplib.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "core/json/json.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class StainProgram : public testing::Test {
 protected:
  StainProgram() {
    fs::create_directory(tiles_);
    for (int i = 0; i < 4; ++i) fs::copy(golden("tile" + std::to_string(i) + ".png"), tiles_);
  }

  static std::string golden(const std::string& name) {
    return source_path("tests/golden/stain/inputs/" + name);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  static std::vector<std::uint8_t> bytes_of(const fs::path& file) {
    return read_file(file, 1 << 22).value_or(std::vector<std::uint8_t>());
  }

  TempDir folder_;
  fs::path tiles_ = folder_.path() / "tiles";
};

TEST_F(StainProgram, FitsAProfileThatApplyTakes) {
  for (const std::string method : {"reinhard", "macenko", "vahadane"}) {
    const Finished fit = run({"stain", "fit", golden("target.png"), "--method", method});
    ASSERT_EQ(fit.exit_code, 0) << fit.err;
    std::ofstream(path("profile.json")) << fit.out;
    const std::string out = path("out-" + method);
    const Finished apply =
        run({"stain", "apply", tiles_.string(), "--out", out, "--target", path("profile.json")});
    ASSERT_EQ(apply.exit_code, 0) << apply.err;
    EXPECT_THAT(apply.out, HasSubstr("4 pictures normalised, 0 left as they are, 0 failed"));
    for (int i = 0; i < 4; ++i) {
      const std::string name = "tile" + std::to_string(i) + ".png";
      const auto before = decode_picture(bytes_of(tiles_ / name));
      const auto after = decode_picture(bytes_of(fs::path(out) / "tiles" / name));
      ASSERT_TRUE(before && after) << name;
      EXPECT_EQ(after->width, before->width);
      EXPECT_NE(after->pixels, before->pixels);
    }
  }
}

TEST_F(StainProgram, GivesTheSameBytesForAnyNumberOfThreads) {
  for (const std::string scope : {"patch", "slide"}) {
    for (const std::string threads : {"1", "2"}) {
      const Finished apply =
          run({"stain", "apply", tiles_.string(), "--out", path(scope + threads), "--scope", scope,
               "--target", golden("target.png"), "--threads", threads});
      ASSERT_EQ(apply.exit_code, 0) << apply.err;
    }
    for (int i = 0; i < 4; ++i) {
      const std::string name = "tiles/tile" + std::to_string(i) + ".png";
      const auto one = bytes_of(path(scope + "1/" + name));
      EXPECT_FALSE(one.empty());
      EXPECT_EQ(one, bytes_of(path(scope + "2/" + name)));
    }
  }
}

TEST_F(StainProgram, NamesWhatItLeavesAloneAndWhatFails) {
  std::ofstream(tiles_ / "broken.png") << "not a picture";
  const auto white = encode_png(RgbImage::filled(64, 64, 252, 252, 252));
  ASSERT_TRUE(write_file_durably(tiles_ / "white.png", white));
  const Finished apply = run({"stain", "apply", tiles_.string(), "--out", path("out"), "--scope",
                              "patch", "--target", golden("target.png"), "--json"});
  EXPECT_EQ(apply.exit_code, 3) << apply.err;
  const Json tally = parse_json(apply.out).value_or(Json::object());
  EXPECT_EQ(tally["normalised"], 4);
  ASSERT_EQ(tally["left_as_they_are"].size(), 1U);
  EXPECT_THAT(tally["left_as_they_are"][0].get<std::string>(), HasSubstr("too little tissue"));
  ASSERT_EQ(tally["failed"].size(), 1U);
  EXPECT_THAT(tally["failed"][0].get<std::string>(), HasSubstr("broken.png"));
  const auto copied = decode_picture(bytes_of(path("out/tiles/white.png")));
  ASSERT_TRUE(copied);
  EXPECT_EQ(*copied, RgbImage::filled(64, 64, 252, 252, 252));
}

TEST_F(StainProgram, LeavesAFolderWithoutStainsAsItIsAndGoesOn) {
  const fs::path blank = folder_.path() / "blank";
  fs::create_directory(blank);
  const RgbImage white = RgbImage::filled(64, 64, 252, 252, 252);
  ASSERT_TRUE(write_file_durably(blank / "white.png", encode_png(white)));
  const std::vector<std::vector<std::string>> orders = {{blank.string(), tiles_.string()},
                                                        {tiles_.string(), blank.string()}};
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const std::string out = path("out" + std::to_string(i));
    const Finished apply = run({"stain", "apply", orders[i][0], orders[i][1], "--out", out,
                                "--target", golden("target.png"), "--json"});
    ASSERT_EQ(apply.exit_code, 0) << apply.err;
    const Json tally = parse_json(apply.out).value_or(Json::object());
    EXPECT_EQ(tally["normalised"], 4);
    ASSERT_EQ(tally["left_as_they_are"].size(), 1U);
    EXPECT_EQ(tally["left_as_they_are"][0], (blank / "white.png").string() + ": " + blank.string() +
                                                ": no picture has usable stains");
    EXPECT_EQ(decode_picture(bytes_of(out + "/blank/white.png")).value_or(RgbImage()), white);
  }
}

TEST_F(StainProgram, RefusesAMatrixWhereTheMethodHasNone) {
  std::ofstream(path("profile.json"))
      << run({"stain", "fit", golden("target.png"), "--method", "reinhard"}).out;
  const Finished apply = run({"stain", "apply", tiles_.string(), "--out", path("out"), "--target",
                              path("profile.json"), "--matrix", path("profile.json")});
  EXPECT_EQ(apply.exit_code, 2);
  EXPECT_THAT(apply.err, HasSubstr("--matrix: reinhard has no stain matrix"));
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(StainProgram, NeverOverwritesAnInput) {
  const auto before = bytes_of(tiles_ / "tile0.png");
  const Finished apply = run({"stain", "apply", tiles_.string(), "--out", folder_.path().string(),
                              "--target", golden("target.png")});
  EXPECT_EQ(apply.exit_code, 2);
  EXPECT_THAT(apply.err, HasSubstr("would be overwritten"));
  EXPECT_EQ(bytes_of(tiles_ / "tile0.png"), before);
}

TEST_F(StainProgram, RefusesAProfileOfAnotherMethod) {
  std::ofstream(path("profile.json")) << run({"stain", "fit", golden("target.png")}).out;
  const Finished apply = run({"stain", "apply", tiles_.string(), "--out", path("out"), "--target",
                              path("profile.json"), "--method", "macenko"});
  EXPECT_EQ(apply.exit_code, 2);
  EXPECT_THAT(apply.err, HasSubstr("is a profile of vahadane, not of macenko"));
  EXPECT_FALSE(fs::exists(path("out")));
}

TEST_F(StainProgram, FindsAReferenceAmongTheTilesOfSlides) {
  std::ofstream(path("broken.svs")) << "not a slide";
  std::vector<std::string> outputs;
  for (const std::string threads : {"1", "2"}) {
    const Finished reference =
        run({"stain", "reference", source_path("demo/slides/pdac-HE1-2048.svs"),
             source_path("demo/slides/breast-ilc-HE-2048.svs"), path("broken.svs"), "-k", "3",
             "--um", "256", "--profile", path("reference.json"), "--contact-sheet",
             path("best.jpg"), "--json", "--threads", threads});
    EXPECT_EQ(reference.exit_code, 3) << reference.err;
    outputs.push_back(reference.out);
  }
  EXPECT_EQ(outputs[0], outputs[1]);
  const Json answer = parse_json(outputs[0]).value_or(Json::object());
  ASSERT_EQ(answer["tiles"].size(), 3U);
  EXPECT_GE(answer["tiles"][0]["score"].get<double>(), answer["tiles"][1]["score"].get<double>());
  ASSERT_EQ(answer["failed"].size(), 1U);
  EXPECT_THAT(answer["failed"][0].get<std::string>(), HasSubstr("broken"));

  const auto sheet = decode_picture(bytes_of(path("best.jpg")));
  ASSERT_TRUE(sheet);
  EXPECT_GT(sheet->width, 3 * 224);
  const Finished apply = run({"stain", "apply", tiles_.string(), "--out", path("out"), "--target",
                              path("reference.json")});
  EXPECT_EQ(apply.exit_code, 0) << apply.err;
}

TEST_F(StainProgram, FindsNoReferenceWithoutATileThatCouldBeOne) {
  std::ofstream(path("broken.svs")) << "not a slide";
  const Finished broken = run({"stain", "reference", path("broken.svs")});
  EXPECT_EQ(broken.exit_code, 1) << broken.err;
  EXPECT_THAT(broken.err, HasSubstr("no slide has a tile"));
  const Finished none = run({"stain", "reference", tiles_.string()});
  EXPECT_EQ(none.exit_code, 2) << none.err;
}

/// Indexes two real slides; what a search for a text finds says which vectors are stored.
class StainedIndex : public StainProgram {
 protected:
  Finished index(const std::string& data, std::vector<std::string> options) const {
    std::vector<std::string> command = {"index",
                                        source_path("demo/slides/pdac-HE1-2048.svs"),
                                        source_path("demo/slides/breast-ilc-HE-2048.svs"),
                                        "--data",
                                        path(data),
                                        "--model",
                                        source_path("demo/model/atlas-clippath-small"),
                                        "--json"};
    command.insert(command.end(), options.begin(), options.end());
    return run(command);
  }
  [[nodiscard]] Json hits(const std::string& data, std::vector<std::string> query) const {
    query.insert(query.begin(), {"search", "--data", path(data), "--json", "-k", "50"});
    const Finished search = run(query);
    EXPECT_EQ(search.exit_code, 0) << search.err;
    return parse_json(search.out).value_or(Json())["hits"];
  }
  /// The picture of a patch as the server shows it: before stain.
  [[nodiscard]] fs::path saved_patch(const std::string& data, const std::string& id) const {
    Program serve({"serve", "--data", path(data), "--listen", "127.0.0.1:0"});
    const auto port = serve.wait_for_port();
    EXPECT_TRUE(port);
    httplib::Client client("127.0.0.1", port.value_or(0));
    const auto answer = client.Get("/v1/patches/" + id + "/image");
    EXPECT_TRUE(answer && answer->status == 200);
    const fs::path file = path("saved.png");
    std::ofstream(file, std::ios::binary) << answer->body;
    return file;
  }
};

TEST_F(StainedIndex, StoresTheSameForAnyNumberOfThreads) {
  for (const std::string scope : {"patch", "slide"}) {
    const std::vector<std::string> options = {"--stain", "vahadane", "--stain-scope", scope};
    for (const std::string threads : {"1", "2"}) {
      std::vector<std::string> all = options;
      all.insert(all.end(), {"--threads", threads});
      const Finished done = index(scope + threads, all);
      ASSERT_EQ(done.exit_code, 0) << done.err;
    }
    EXPECT_EQ(hits(scope + "1", {"--text", "carcinoma"}),
              hits(scope + "2", {"--text", "carcinoma"}));
  }
  EXPECT_NE(hits("patch1", {"--text", "carcinoma"}), hits("slide1", {"--text", "carcinoma"}));
}

// Query parity: a saved picture is fitted alone, as patch scope does it for the index; by slide
// scope it is known by its pixels.
TEST_F(StainedIndex, ASavedPatchFindsItself) {
  const struct {
    const char* method;
    const char* scope;
  } cases[] = {{"reinhard", "patch"},
               {"macenko", "patch"},
               {"vahadane", "patch"},
               {"macenko", "slide"},
               {"vahadane", "slide"}};
  for (const auto& one : cases) {
    const std::string data = std::string(one.method) + one.scope;
    const Finished done = index(data, {"--stain", one.method, "--stain-scope", one.scope});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const Json listed = hits(data, {"--text", "tumour"});
    ASSERT_GE(listed.size(), 4U);
    for (const Json& patch : listed) {
      const std::string id = patch["id"];
      const Json found = hits(data, {"--image", saved_patch(data, id), "--image-mpp", "1"});
      ASSERT_FALSE(found.empty());
      EXPECT_EQ(found[0]["id"], id) << data;
      EXPECT_GE(found[0]["similarity"].get<double>(), 0.99) << data;
    }
    const std::string id = listed[0]["id"];
    const std::string saved = saved_patch(data, id);
    const Json named =
        hits(data, {"--image", saved, "--image-mpp", "1", "--image-slide", listed[0]["slide_id"]});
    EXPECT_EQ(named[0]["id"], id) << data;
    EXPECT_GE(named[0]["similarity"].get<double>(), 0.99) << data;
  }
}

TEST_F(StainedIndex, ASavedPatchFindsItselfWhereItsSlideWasImported) {
  const Finished done = index("data", {"--stain", "vahadane"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string slide = "pdac-HE1-2048";
  const std::string id = slide + "~0_1014_1014";  // whose own stains differ most from its slide's
  const Finished exported = run({"store", "export", "--data", path("data"), "--out", path("out"),
                                 "--format", "trident", "--slide", slide});
  ASSERT_EQ(exported.exit_code, 0) << exported.err;
  const fs::path file =
      fs::path(path("out")) / "512um" / "features_atlas-clippath-small" / (slide + ".h5");
  const Finished imported = run({"store", "import", file.string(), "--data", path("again"),
                                 "--model", source_path("demo/model/atlas-clippath-small")});
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const std::string saved = saved_patch("data", id);
  const Json found = hits("again", {"--image", saved, "--image-mpp", "1", "--image-slide", slide});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0]["id"], id);
  EXPECT_GE(found[0]["similarity"].get<double>(), 0.99);
}

// With the true scale of its picture, whatever the model's own field, and by its series' stains.
TEST_F(StainedIndex, ASavedPatchOfEachFieldFindsItself) {
  const Finished done = index("data", {"--stain", "vahadane", "--um", "256", "--um", "1024"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  std::map<int, Json> by_field;
  for (const Json& hit : hits("data", {"--text", "tumour"})) {
    by_field.emplace(static_cast<int>(std::lround(hit["extent_um"].get<double>() / 256)), hit);
  }
  ASSERT_EQ(by_field.size(), 2U);
  for (const auto& [field, hit] : by_field) {
    const std::string saved = saved_patch("data", hit["id"]);
    const double side = decode_picture(bytes_of(saved))->width;
    const std::string mpp = std::to_string(hit["extent_um"].get<double>() / side);
    const std::string slide = hit["slide_id"];
    const Json found = hits("data", {"--image", saved, "--image-mpp", mpp, "--image-slide", slide});
    EXPECT_EQ(found[0]["id"], hit["id"]);
    EXPECT_GE(found[0]["similarity"].get<double>(), 0.99);
  }
}

TEST_F(StainedIndex, ASecondRunTakesTheFoldersRuleOrIsRefused) {
  const Finished first = index("data", {"--stain-scope", "patch"});  // names a scope: Vahadane
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const Finished again = index("data", {});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("unchanged"));
  const Finished other = index("data", {"--stain", "none"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("--stain vahadane --stain-scope patch"));
  const Finished nonsense = index("data", {"--stain", "none", "--stain-scope", "patch"});
  EXPECT_EQ(nonsense.exit_code, 2);
}

}  // namespace
}  // namespace clippath::test
