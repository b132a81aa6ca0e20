// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <fstream>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "core/json/json.h"
#include "tests/e2e/demo_folder.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

class EvalProgram : public DemoFolder {
 protected:
  /// A table of the bundled patches: every fourth is asked about, the others are the training
  /// split.
  [[nodiscard]] std::string write_pairs() const {
    const CsvTable patches = read_csv(source_path("demo/patches/patches.csv")).value();
    const CsvTable slides = read_csv(source_path("demo/patches/slides.csv")).value();
    const auto cell = [](const CsvTable& table, std::size_t row, const char* column) {
      return table.rows[row][table.column(column).value()];
    };
    std::string text = csv_line({"file", "caption", "slide", "case", "class", "split"});
    for (std::size_t i = 0; i < patches.rows.size(); ++i) {
      for (std::size_t s = 0; s < slides.rows.size(); ++s) {
        if (cell(slides, s, "slide") != cell(patches, i, "slide")) continue;
        text += csv_line({cell(patches, i, "file"), cell(slides, s, "caption"),
                          cell(slides, s, "slide"), cell(slides, s, "case"),
                          cell(slides, s, "organ"), i % 4 == 0 ? "val" : "train"});
      }
    }
    return write("pairs.csv", text);
  }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    const auto path = own_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  static std::vector<std::string> on_pairs(const std::string& pairs) {
    return {"eval",
            "--pairs",
            pairs,
            "--model",
            source_path("demo/model/atlas-clippath-small"),
            "--pictures",
            source_path("demo/patches")};
  }
  static Json report_of(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    return parse_json(finished.out, {.max_bytes = 1U << 26U}).value_or(Json::object());
  }
  static const Json& figure(const Json& report, const std::string& preset,
                            const std::string& metric, const std::string& by,
                            const std::string& leave_out) {
    static const Json none = Json::object();
    for (const Json& one : report["figures"]) {
      const Json& model = one["model"];
      if (model["preset"] == preset && model["metric"] == metric && model["by"] == by &&
          model["leave_out"] == leave_out) {
        return one;
      }
    }
    ADD_FAILURE() << "no figure " << preset << " " << metric << " " << by << " " << leave_out;
    return none;
  }

  TempDir own_;
};

TEST_F(EvalProgram, ReadsTheSiteOutOfATcgaCase) {
  std::string text = csv_line({"file", "caption", "case"});
  const CsvTable patches = read_csv(source_path("demo/patches/patches.csv")).value();
  for (std::size_t i = 0; i < patches.rows.size(); ++i) {
    const std::string number = std::to_string(i % 24);
    text +=
        csv_line({patches.rows[i][patches.column("file").value()], "caption " + number,
                  std::string(i % 2 == 0 ? "TCGA-AA-" : "TCGA-BB-") + std::to_string(1000 + i)});
  }
  const Json report = report_of(on_pairs(write("pairs.csv", text)));
  // Half of the other cases are from the same site.
  EXPECT_NEAR(figure(report, "bias", "same_site@5", "site", "case")["model"]["chance"], 0.5, 0.02);
}

TEST_F(EvalProgram, ShowsTheModelBesideTheColoursOnPairs) {
  auto arguments = on_pairs(write_pairs());
  const std::string curves = own_.path() / "curves.png";
  const std::string examples = own_.path() / "examples.jpg";
  arguments.insert(arguments.end(), {"--split", "val", "--curves", curves, "--examples", examples});
  const Json report = report_of(arguments);
  const Json& hit = figure(report, "clippath50", "hit@1", "string", "none");
  EXPECT_EQ(hit["model"]["n"], 50);
  EXPECT_GT(hit["model"]["value"].get<double>(), 0.7);
  EXPECT_GT(hit["model"]["value"].get<double>(), hit["colours"]["value"].get<double>());
  EXPECT_NEAR(hit["model"]["chance"].get<double>(), 0.02, 1e-12);
  EXPECT_LT(hit["model"]["interval"][0].get<double>(), hit["model"]["value"].get<double>());
  EXPECT_TRUE(figure(report, "patch_to_patch", "mmv@5", "class", "case").contains("colours"));
  EXPECT_TRUE(
      figure(report, "zero_shot", "balanced_accuracy", "class", "none").contains("colours"));
  for (const std::string& picture : {curves, examples}) {
    const auto drawn = decode_picture(read_file(picture, 1U << 24U).value());
    EXPECT_TRUE(drawn) << picture;
  }
}

TEST_F(EvalProgram, WithoutATrainingSplitTheColoursLearnFromTheOthers) {
  const std::string pairs = write_pairs();
  const Finished finished = run(on_pairs(pairs));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("learnt from four fifths of the patches asked about"));
  EXPECT_THAT(finished.out, HasSubstr("patches asked about come from slides that the model was"));
  const Json report = report_of(on_pairs(pairs));
  const Json& hit = figure(report, "clippath50", "hit@1", "string", "none");
  // Far from chance, and far from what a fit on the patches themselves would give.
  EXPECT_GT(hit["colours"]["value"].get<double>(), 0.1);
  EXPECT_LT(hit["colours"]["value"].get<double>(), 0.9);
  EXPECT_TRUE(figure(report, "zero_shot", "accuracy", "class", "none").contains("colours"));
}

TEST_F(EvalProgram, TakesADataFolderWithItsVectors) {
  const Json report = report_of({"eval", "--data", data(), "--class-column", "organ"});
  const Json& hit = figure(report, "clippath50", "hit@5", "string", "none");
  EXPECT_EQ(hit["model"]["n"], 200);
  EXPECT_GT(hit["model"]["value"].get<double>(), 0.7);
  EXPECT_TRUE(figure(report, "patch_to_patch", "hit@1", "class", "slide").contains("colours"));
  EXPECT_THAT(to_text(report["notes"]), HasSubstr("patches without a caption are left out"));
}

TEST_F(EvalProgram, AFolderWithoutCaptionsShowsWhatNeedsNone) {
  const std::string manifest =
      write("manifest.csv",
            csv_line({"slide", "path", "case", "organ"}) +
                csv_line({"a", source_path("demo/slides/pdac-HE1-2048.svs"), "a", "pancreas"}) +
                csv_line({"b", source_path("demo/slides/breast-ilc-HE-2048.svs"), "b", "breast"}));
  const std::string folder = own_.path() / "data";
  const Finished indexed =
      run({"index", manifest, "--data", folder, "--model",
           source_path("demo/model/atlas-clippath-small"), "--overlap", "0.5"});
  ASSERT_EQ(indexed.exit_code, 0) << indexed.err;
  const std::vector<std::string> arguments = {"eval", "--data", folder, "--class-column", "organ"};
  const Finished finished = run(arguments);
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  for (const std::string& text : {finished.out, finished.err}) {
    EXPECT_THAT(text, HasSubstr("no patch has a caption; add a column caption"));
  }
  EXPECT_THAT(finished.out, ::testing::Not(HasSubstr("| clippath50 |")));
  const Json report = report_of(arguments);
  EXPECT_TRUE(figure(report, "patch_to_patch", "hit@1", "class", "tile").contains("colours"));
  EXPECT_TRUE(figure(report, "bias", "same_slide@5", "slide", "tile").contains("colours"));
  EXPECT_TRUE(figure(report, "zero_shot", "accuracy", "class", "none").contains("model"));
  const Finished refused = run({"eval", "--data", folder, "--curves", own_.path() / "c.png"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("no patch has one"));
}

TEST_F(EvalProgram, AFolderThatNothingCanBeMeasuredOfIsRefused) {
  const std::string folder = own_.path() / "data";
  const std::string picture = read_csv(source_path("demo/patches/patches.csv")).value().rows[0][0];
  const std::string patches =
      write("patches.csv", csv_line({"file", "slide"}) +
                               csv_line({source_path("demo/patches/" + picture), "alone"}));
  const Finished indexed = run({"index", "--patches", patches, "--data", folder, "--model",
                                source_path("demo/model/atlas-clippath-small")});
  ASSERT_EQ(indexed.exit_code, 0) << indexed.err;
  const Finished refused = run({"eval", "--data", folder});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("nothing can be measured"));
}

TEST_F(EvalProgram, EqualVotesGoByTheRuleAskedFor) {
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(), {"--split", "val", "--no-colours"});
  const auto vote = [](const Json& report) {
    return figure(report, "patch_to_patch", "mmv@5", "class", "case")["model"]["value"];
  };
  const Json first_seen = report_of(arguments);
  arguments.insert(arguments.end(), {"--vote-ties", "lowest-id", "--votes", "5,10"});
  const Json lowest = report_of(arguments);
  EXPECT_EQ(first_seen["vote_ties"], "first_seen");
  EXPECT_EQ(lowest["vote_ties"], "lowest_id");
  EXPECT_NE(vote(first_seen), vote(lowest));
  EXPECT_EQ(figure(lowest, "patch_to_patch", "mmv@10", "class", "case")["model"]["k"], 10);
}

TEST_F(EvalProgram, FindsPatchesOfOneSplitOnly) {
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(),
                   {"--split", "val", "--candidates-split", "train", "--no-colours"});
  const Json report = report_of(arguments);
  EXPECT_EQ(report["data"], "pairs.csv, val, found among train");
  EXPECT_EQ(figure(report, "patch_to_patch", "hit@1", "class", "tile")["model"]["pool"],
            "gallery of 150 patches");
  EXPECT_EQ(figure(report, "clip_benchmark", "recall@1", "image to text", "none")["model"]["n"],
            50);
  arguments[arguments.size() - 2] = "test";
  const Finished refused = run(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("split 'test': no patch has it"));
}

TEST_F(EvalProgram, ComparesTwoReportsOnTheSamePairsOnly) {
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(), {"--split", "val", "--no-colours"});
  const std::string first = write("first.json", to_text(report_of(arguments)));
  const Json same = report_of({"eval", "compare", first, first});
  ASSERT_FALSE(same["comparisons"].empty());
  for (const Json& one : same["comparisons"]) EXPECT_EQ(one["difference"], 0);
  arguments[arguments.size() - 2] = "train";
  arguments.back() = "--no-colours";
  const std::string other = write("other.json", to_text(report_of(arguments)));
  const Finished refused = run({"eval", "compare", first, other});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("do not ask about the same pairs"));
}

TEST_F(EvalProgram, ClassesTakePromptsAsASearchDoes) {
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(), {"--split", "val", "--no-colours"});
  const Json by_name = report_of(arguments);
  arguments.insert(arguments.end(), {"--classify", source_path("demo/prompts/organs.json")});
  const Json by_prompts = report_of(arguments);
  for (const char* const metric : {"accuracy", "balanced_accuracy", "weighted_f1", "auroc"}) {
    const Json& model = figure(by_prompts, "zero_shot", metric, "class", "none")["model"];
    EXPECT_EQ(model["pool"], "all 10 classes");
    EXPECT_GT(model["value"], model["chance"]) << metric;
    EXPECT_LT(model["n"], figure(by_name, "zero_shot", metric, "class", "none")["model"]["n"]);
  }
  EXPECT_THAT(to_text(by_prompts["notes"]), HasSubstr("of a class that has no prompts"));
  const std::string others = write("others.json", R"({"format": 1, "classes": [
      {"name": "ovine"}, {"name": "bovine"}]})");
  arguments.back() = others;
  const Finished refused = run(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("none of its classes ('ovine', 'bovine') is one of the"));
}

TEST_F(EvalProgram, EveryPlaceOfATemplateIsFilledAndOneMustBeThere) {
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(),
                   {"--split", "val", "--no-colours", "--template", "CLASSNAME, CLASSNAME"});
  const Json by_template = report_of(arguments);
  std::string classes;
  for (const Json& one : by_template["figures"]) {
    if (one["model"]["metric"] == "accuracy") classes = one["model"]["pool"];
  }
  EXPECT_THAT(classes, HasSubstr("classes"));
  arguments.back() = "a picture";
  const Finished refused = run(arguments);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--template[0]: must hold CLASSNAME"));
}

TEST_F(EvalProgram, PairsMayHaveClassesOnly) {
  const CsvTable patches = read_csv(source_path("demo/patches/patches.csv")).value();
  std::string text = csv_line({"file", "slide", "organ"});
  for (std::size_t i = 0; i < 24; ++i) {
    text += csv_line({patches.rows[i][patches.column("file").value()], std::to_string(i),
                      i % 2 == 0 ? "colon" : "lung"});
  }
  auto arguments = on_pairs(write("pairs.csv", text));
  arguments.insert(arguments.end(), {"--class-column", "organ"});
  const Json report = report_of(arguments);
  for (const char* const metric : {"accuracy", "auroc"}) {
    EXPECT_TRUE(figure(report, "zero_shot", metric, "class", "none").contains("colours"));
  }
  EXPECT_THAT(to_text(report["notes"]), HasSubstr("patch_to_patch by caption: not measured"));
}

// The pixels of one picture in other places have its colours, and other vectors.
TEST_F(EvalProgram, EqualColoursCostTheirVotesOnly) {
  const RgbImage picture = RgbImage::filled(64, 64, 220, 150, 190);
  std::string text = csv_line({"file", "slide", "class"});
  for (int i = 0; i < 48; ++i) {
    RgbImage other = picture;
    for (int x = 0; x < 16; ++x) {
      for (int y = 0; y < 16; ++y) {
        other.row(y + i % 7 * 8)[3 * (x + i / 7 * 8)] = 40;
      }
    }
    const std::string name = std::to_string(i) + ".png";
    const auto png = encode_png(other);
    static_cast<void>(write(name, {png.begin(), png.end()}));
    text += csv_line({name, std::to_string(i), "class" + std::to_string(i / 2)});
  }
  auto arguments = on_pairs(write("pairs.csv", text));
  arguments.back() = own_.path().string();
  const Json report = report_of(arguments);
  EXPECT_THAT(to_text(report["notes"]), HasSubstr("colours alone: mmv not measured, patch "));
  EXPECT_FALSE(figure(report, "patch_to_patch", "mmv@5", "class", "slide").contains("colours"));
  EXPECT_TRUE(figure(report, "patch_to_patch", "hit@1", "class", "slide").contains("colours"));
}

TEST_F(EvalProgram, TakesScoresOfAnotherProgram) {
  const std::string scores = write("scores.csv", "query,a,b\np,0.9,0.9\nq,0.1,0.8\n");
  const std::string relevance = write("relevance.csv", "query,candidate\np,a\nq,b\n");
  const Json report = report_of({"eval", "--similarities", scores, "--relevance", relevance});
  const Json& hit = figure(report, "scores", "hit@1", "relevance", "none")["model"];
  EXPECT_EQ(hit["value"], 0.5);
  EXPECT_EQ(hit["expected_ties"], 0.75);
  EXPECT_EQ(hit["optimistic_ties"], 1);
}

TEST_F(EvalProgram, BadInputsAreNamed) {
  const std::string model = source_path("demo/model/atlas-clippath-small");
  const auto refusal = [](const std::vector<std::string>& arguments) {
    const Finished finished = run(arguments);
    EXPECT_NE(finished.exit_code, 0);
    return finished.err;
  };
  EXPECT_THAT(refusal({"eval"}), HasSubstr("give one of --pairs"));
  EXPECT_THAT(refusal(on_pairs(write("p.csv", "file,text\na.jpg,x\n"))),
              HasSubstr("p.csv: has no column 'caption' nor 'class'"));
  EXPECT_THAT(refusal(on_pairs(write("p.csv", "file,caption\na.jpg,\n"))),
              HasSubstr("p.csv line 2: caption: is empty"));
  EXPECT_THAT(refusal(on_pairs(write("p.csv", "file,caption\nmissing.jpg,x\n"))),
              HasSubstr("missing.jpg"));
  auto arguments = on_pairs(write_pairs());
  arguments.insert(arguments.end(), {"--split", "test"});
  EXPECT_THAT(refusal(arguments), HasSubstr("split 'test': no patch has it; there are 'train'"));
  EXPECT_THAT(refusal({"eval", "compare", write("bad.json", "{}"), write("bad.json", "{}")}),
              HasSubstr("format"));
}

}  // namespace
}  // namespace clippath::test
