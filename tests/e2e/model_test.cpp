// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/weights/weights_writer.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBundled = source_path("demo/model/atlas-clippath-small");

std::string golden_model(const std::string& name) {
  return source_path("tests/golden/models/" + name);
}

// Golden models that bring no golden outputs of our own format.
const char* const kWithoutOutputs[] = {"dual-tiny",     "dual-clip-tiny", "bert-tiny",
                                       "bert-mlm-tiny", "dino-vits-tiny", "timm-tiny",
                                       "uni-tiny",      "conch-tiny"};

class ModelProgram : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  /// A copy of a model, to be damaged.
  [[nodiscard]] std::string copied(const std::string& model) const {
    fs::copy(model, path("copy"), fs::copy_options::recursive);
    return path("copy");
  }

  TempDir folder_;
};

Json json_of(const std::string& text) {
  auto json = parse_json(text, {});
  return json ? std::move(*json) : Json();
}

std::set<std::string> failed_checks(const Json& verification) {
  std::set<std::string> names;
  for (const Json& check : verification["checks"]) {
    if (!check["passed"]) names.insert(check["name"].get<std::string>());
  }
  return names;
}

const Json& check_of(const Json& verification, const std::string& name) {
  static const Json none;
  for (const Json& check : verification["checks"]) {
    if (check["name"] == name) return check;
  }
  return none;
}

/// Sets the first float16 numbers of a tensor to 40.
void spoil(const std::string& model, const char* tensor, int count = 1) {
  std::ptrdiff_t offset = 0;
  {
    const auto weights = open_weights_file(fs::path(model) / kWeightsFileName);
    ASSERT_TRUE(weights);
    ASSERT_EQ(weights->find(tensor)->type, TensorType::kF16);
    offset = weights->find(tensor)->bytes.data() - weights->bytes().data();
  }
  std::fstream file(fs::path(model) / kWeightsFileName,
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offset);
  for (int i = 0; i < count; ++i) file.write("\x00\x51", 2);
}

TEST_F(ModelProgram, VerifiesTheBundledModel) {
  const Finished done = run({"model", "verify", kBundled, "--dtype", "fp32", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  const Json found = json_of(done.out);
  EXPECT_EQ(found["passed"], true);
  EXPECT_EQ(found["golden"], "golden.safetensors");
  for (const char* name : {"golden pictures", "golden texts", "golden texts as words"}) {
    EXPECT_GE(check_of(found, name)["least_cosine"].get<double>(), 0.99999) << name;
    EXPECT_LE(check_of(found, name)["largest_difference"].get<double>(), 2e-5) << name;
  }
  EXPECT_EQ(found["checks"].size(), 13U);
}

TEST_F(ModelProgram, SaysWhichOutputASpoiltWeightChanges) {
  const std::string model = copied(kBundled);
  spoil(model, "vision_model.vision_model.post_layernorm.weight");
  const Finished done = run({"model", "verify", model, "--dtype", "fp32", "--json"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(failed_checks(json_of(done.out)), std::set<std::string>{"golden pictures"});
  const Finished table = run({"model", "verify", model, "--dtype", "fp32"});
  EXPECT_EQ(table.exit_code, 1);
  EXPECT_THAT(table.out, AllOf(HasSubstr("FAILED  golden pictures"), HasSubstr("NOT verified"),
                               Not(HasSubstr("FAILED  golden texts"))));
}

TEST_F(ModelProgram, FindsAnotherTokenizer) {
  const std::string model = copied(kBundled);
  const auto vocabulary = fs::path(model) / "vocab.txt";
  std::string text = read_text_file(vocabulary, 1U << 20U).value();
  const auto at = text.find("\nbrain\n");
  ASSERT_NE(at, std::string::npos);
  text.replace(at, 7, "\nbrian\n");
  std::ofstream(vocabulary, std::ios::binary) << text;
  const Finished done = run({"model", "verify", model, "--dtype", "fp32", "--json"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(failed_checks(json_of(done.out)), std::set<std::string>{"golden texts as words"});
  EXPECT_THAT(done.out, HasSubstr("brain tumor meningioma"));
}

TEST_F(ModelProgram, TakesATolerance) {
  const Finished strict =
      run({"model", "verify", kBundled, "--dtype", "fp32", "--tolerance", "1e-12", "--json"});
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_EQ(run({"model", "verify", kBundled, "--tolerance", "0"}).exit_code, 2);
}

TEST_F(ModelProgram, ChecksWhatItCanOfAModelWithoutGoldenOutputs) {
  for (const char* name : kWithoutOutputs) {
    const Finished done = run({"model", "verify", golden_model(name)});
    EXPECT_EQ(done.exit_code, 0) << name << done.out << done.err;
    EXPECT_THAT(done.out, AllOf(HasSubstr("no golden outputs"), HasSubstr("\nverified"),
                                Not(HasSubstr("  golden"))))
        << name;
  }
}

TEST_F(ModelProgram, SeesACollapsedTowerWithoutGoldenOutputs) {
  const std::string model = copied(golden_model("dual-tiny"));
  spoil(model, "vision_model.pooler.dense.bias");
  EXPECT_EQ(run({"model", "verify", model}).exit_code, 0) << "one number of many is not seen";
  // Behind the tanh every picture is the same.
  spoil(model, "vision_model.pooler.dense.bias", 64);
  const Finished done = run({"model", "verify", model, "--json"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(failed_checks(json_of(done.out)),
              testing::ElementsAre("pictures: distinct", "pictures: not collapsed"));
}

TEST_F(ModelProgram, AGoldenFileThatIsMissingFails) {
  const std::string model = copied(kBundled);
  fs::remove(fs::path(model) / "golden.safetensors");
  const Finished done = run({"model", "verify", model, "--dtype", "fp32", "--json"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(failed_checks(json_of(done.out)), std::set<std::string>{"golden outputs"});
}

TEST_F(ModelProgram, AFolderThatDoesNotLoadFails) {
  const Finished done = run({"model", "verify", golden_model("clip-tiny")});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.err, HasSubstr("has no tokenizer"));
}

TEST_F(ModelProgram, ConvertsTheBundledModelToTheBytesThatItHas) {
  const std::string target = path("fp16");
  const Finished done =
      run({"model", "convert", kBundled, "--out", target, "--dtype", "fp16", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  // Stored as float16 by Python's safetensors: nothing is left to change.
  EXPECT_EQ(read_file(target + "/model.safetensors", 1U << 30U).value(),
            read_file(kBundled + "/model.safetensors", 1U << 30U).value());
  EXPECT_EQ(json_of(done.out)["result"]["identity"], json_of(done.out)["source"]["identity"]);
  EXPECT_EQ(run({"model", "verify", target, "--dtype", "fp32"}).exit_code, 0);
}

TEST_F(ModelProgram, ChangesTheStoredType) {
  for (const auto& [type, stored] :
       {std::pair<std::string, std::string>{"fp32", "F32"}, {"bf16", "BF16"}}) {
    const std::string target = path(type);
    const Finished done =
        run({"model", "convert", kBundled, "--out", target, "--dtype", type, "--golden", "--json"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const Json json = json_of(done.out);
    EXPECT_EQ(json["result"]["weights_type"], stored);
    EXPECT_NE(json["result"]["identity"], json["source"]["identity"]);
    for (const char* tower : {"pictures", "texts"}) {
      const double least = type == "bf16" ? 0.9995 : 0.999999;
      EXPECT_GE(json[tower]["least_cosine"].get<double>(), least) << type << tower;
    }
    const Finished verified = run({"model", "verify", target, "--dtype", "fp32", "--json"});
    ASSERT_EQ(verified.exit_code, 0) << verified.out;
    EXPECT_GE(check_of(json_of(verified.out), "golden texts as words")["least_cosine"], 0.999999);
  }
}

TEST_F(ModelProgram, GivesGoldenOutputsToAFolderThatHasNone) {
  for (const char* name : kWithoutOutputs) {
    const std::string target = path(std::string("new-") + name);
    const Finished done =
        run({"model", "convert", golden_model(name), "--out", target, "--golden"});
    ASSERT_EQ(done.exit_code, 0) << name << done.err;
    const Finished verified = run({"model", "verify", target, "--json"});
    ASSERT_EQ(verified.exit_code, 0) << name << verified.out;
    EXPECT_EQ(json_of(verified.out)["golden"], "golden.safetensors");
    EXPECT_EQ(json_of(verified.out)["name"], name);
  }
  // They are seen to be the model's own.
  spoil(path("new-dual-tiny"), "text_model.pooler.dense.bias");
  const Finished spoilt =
      run({"model", "verify", path("new-dual-tiny"), "--dtype", "fp32", "--json"});
  EXPECT_EQ(spoilt.exit_code, 1);
  EXPECT_EQ(failed_checks(json_of(spoilt.out)),
            (std::set<std::string>{"golden texts", "golden texts as words"}));
}

TEST_F(ModelProgram, MakesOneFileOfSeveral) {
  const std::string model = copied(golden_model("dual-tiny"));
  {
    const auto whole = open_weights_file(golden_model("dual-tiny") + "/model.safetensors");
    TensorTable halves[2];
    Json map = Json::object();
    std::size_t n = 0;
    for (const auto& [name, tensor] : whole->tensors()) {
      const std::size_t half = n++ % 2;
      halves[half].emplace(name, tensor);
      map[name] = "model-" + std::to_string(half) + ".safetensors";
    }
    for (const std::size_t half : {0U, 1U}) {
      ASSERT_TRUE(write_weights_file(model + "/model-" + std::to_string(half) + ".safetensors",
                                     halves[half]));
    }
    std::ofstream(model + "/model.safetensors.index.json")
        << to_text(Json{{"weight_map", std::move(map)}});
    fs::remove(model + "/model.safetensors");
  }
  const Finished done = run({"model", "convert", model, "--out", path("one")});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(read_file(path("one") + "/model.safetensors", 1U << 30U).value(),
            read_file(golden_model("dual-tiny") + "/model.safetensors", 1U << 30U).value());
  EXPECT_FALSE(fs::exists(path("one") + "/model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(path("one") + "/model-0.safetensors"));
}

TEST_F(ModelProgram, LeavesNothingBehindWhereItCannotConvert) {
  fs::create_directory(path("taken"));
  const Finished taken = run({"model", "convert", kBundled, "--out", path("taken")});
  EXPECT_EQ(taken.exit_code, 1);
  EXPECT_THAT(taken.err, HasSubstr("exists already"));
  EXPECT_TRUE(fs::is_empty(path("taken")));

  const std::string model = copied(kBundled);
  spoil(model, "vision_model.vision_model.post_layernorm.weight");
  const Finished wrong = run({"model", "convert", model, "--out", path("new")});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("golden outputs"), HasSubstr("--golden")));
  std::set<std::string> left;
  for (const auto& item : fs::directory_iterator(folder_.path())) {
    left.insert(item.path().filename());
  }
  EXPECT_EQ(left, (std::set<std::string>{"copy", "taken"}));
}

}  // namespace
}  // namespace clippath::test
