// SPDX-License-Identifier: Apache-2.0
#include "clippath/interchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/feature_file.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::kTestDimension;
using test::kTestEncoder;
using test::TempDir;
using ::testing::HasSubstr;

const FeatureReader kRead = [](const fs::path& path) { return read_feature_file(path); };
const EncoderEntry kEncoder{kTestEncoder, "test model", kTestDimension};

PipelineDocument half_millimetre() {
  PipelineDocument pipeline;
  pipeline.field_of_view = "512 um";
  pipeline.overlap = 0.5;
  pipeline.picture_px = 299;
  return pipeline;
}

class Interchange : public testing::Test {
 protected:
  std::unique_ptr<DataFolder> open(const std::string& name) {
    auto folder = DataFolder::open(dir_.path() / name, Access::kWrite, "test");
    EXPECT_TRUE(folder) << folder.error().message;
    const fs::path model = dir_.path() / "model";
    fs::create_directories(model);
    std::ofstream(model / "model.safetensors") << "weights";
    EXPECT_TRUE((*folder)->adopt_encoder(kEncoder, model));
    return std::move(*folder);
  }

  /// A folder with a slide of one series.
  std::unique_ptr<DataFolder> filled(const std::string& slide, std::uint32_t count,
                                     const PipelineDocument& pipeline = half_millimetre(),
                                     const std::optional<StainProfile>& stain = {}) {
    auto folder = open("filled");
    EXPECT_TRUE(folder->note_pipeline(pipeline));
    SlideRecord record = test::test_slide(SlideId(slide), CaseId("case-1"), {2048});
    record.caption = "Adenoma";
    record.size.height = 300000;
    record.series.front().pipeline_id = pipeline.id();
    record.series.front().stain = stain;
    auto writer = *folder->records().write_slide(record.id, {kTestEncoder});
    EXPECT_TRUE(writer->append(2048, test::encoded(test::test_patches(record.id, 2048, count, 1))));
    EXPECT_TRUE(writer->complete(record));
    return folder;
  }

  ExportSummary export_as(const DataFolder& folder, ExportFormat format) {
    const auto summary = export_patches(folder, {out_, format, {}}, stop_);
    EXPECT_TRUE(summary) << summary.error().message;
    return summary.value_or(ExportSummary{});
  }

  static std::vector<PatchRow> rows_of(const DataFolder& folder) {
    return test::visible_patches(folder.records()).value();
  }

  /// A file as others write it: no identity, patches of 100 px on a slide of 1,000.
  static FeatureFile foreign(std::size_t count) {
    FeatureFile file;
    file.features = EmbeddingMatrix::zeros(count, kTestDimension);
    for (std::size_t i = 0; i < count; ++i) {
      file.coords.push_back({static_cast<std::int64_t>(i) * 100, 0});
      file.features.row(i)[i % kTestDimension] = 3;
    }
    file.attributes = {{"patch_size_level0", std::int64_t{100}},
                       {"level0_magnification", std::int64_t{20}},
                       {"level0_width", std::int64_t{1000}},
                       {"level0_height", std::int64_t{1000}}};
    return file;
  }

  Result<ImportedSeries> import(DataFolder& folder, const FeatureFile& file,
                                ImportOptions options = {.trust_features = true}) {
    const fs::path path = dir_.path() / "foreign slide.h5";
    EXPECT_TRUE(write_feature_file(path, file));
    return import_features(path, kRead, kEncoder, options, folder);
  }

  std::string refusal(DataFolder& folder, const FeatureFile& file,
                      ImportOptions options = {.trust_features = true}) {
    const auto imported = import(folder, file, options);
    return imported ? "" : imported.error().message;
  }

  TempDir dir_;
  const fs::path out_ = dir_.path() / "out";
  std::atomic<bool> stop_ = false;
};

TEST_F(Interchange, TridentAndClamFilesComeBackAsTheyWere) {
  const auto folder = filled("a=20slide", 300);
  for (const ExportFormat format : {ExportFormat::kTrident, ExportFormat::kClam}) {
    const ExportSummary summary = export_as(*folder, format);
    EXPECT_EQ(summary.patches, 300U);
    ASSERT_EQ(summary.files.size(), 2U);
    EXPECT_EQ(summary.files[1], format == ExportFormat::kTrident
                                    ? "512um/features_test=20model/a=20slide.h5"
                                    : "512um/h5_files/a=20slide.h5");
    const auto again = open(format == ExportFormat::kTrident ? "trident" : "clam");
    const auto imported = import_features(out_ / summary.files[1], kRead, kEncoder, {}, *again);
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(imported->patches, 300U);
    const auto before = rows_of(*folder);
    const auto after = rows_of(*again);
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_EQ(after[i].record.id, before[i].record.id);
      EXPECT_EQ(after[i].record.rect, before[i].record.rect);
      EXPECT_EQ(after[i].record.extent_um, before[i].record.extent_um);
      EXPECT_EQ(after[i].vector, before[i].vector);
    }
    const SlideRecord was = **folder->records().find_slide(SlideId("a=20slide"));
    const SlideRecord is = **again->records().find_slide(SlideId("a=20slide"));
    EXPECT_EQ(is.case_id, was.case_id);
    EXPECT_EQ(is.caption, was.caption);
    EXPECT_EQ(is.size, was.size);
    EXPECT_EQ(is.scale->mpp, was.scale->mpp);
    EXPECT_EQ(is.scale->source, was.scale->source);
    EXPECT_EQ(is.fingerprint.sha256, was.fingerprint.sha256);
    EXPECT_EQ(is.series.front().pipeline_id, was.series.front().pipeline_id);
    EXPECT_TRUE(again->find_pipeline(half_millimetre().id()));
  }
}

// Of its slide's stains an upload is normalised by, which names the slide.
TEST_F(Interchange, TheStainsOfASlideComeBackWhereItsRuleAsksForThem) {
  PipelineDocument pipeline = half_millimetre();
  pipeline.stain = StainRule{StainScope::kSlide, default_stain_target(StainMethod::kMacenko)};
  StainProfile stain = default_stain_target(StainMethod::kMacenko);
  stain.max_concentrations = {1.25, 0.75};
  const auto folder = filled("s", 3, pipeline, stain);
  const ExportSummary summary = export_as(*folder, ExportFormat::kTrident);
  const fs::path file = out_ / summary.files[1];
  const auto again = open("again");
  const auto imported = import_features(file, kRead, kEncoder, {}, *again);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ((**again->records().find_slide(SlideId("s"))).series.front().stain, stain);

  FeatureFile other = *read_feature_file(file);
  const auto text =
      std::ranges::find(other.attributes, "stain", [](const auto& a) { return a.first; });
  ASSERT_NE(text, other.attributes.end());
  for (const std::string& wrong : {to_json_text(default_stain_target(StainMethod::kReinhard)),
                                   std::string("{"), std::string(R"({"method":"macenko"})")}) {
    text->second = wrong;
    EXPECT_THAT(refusal(*again, other, {.replace = true}), HasSubstr("stain: "));
  }
}

TEST_F(Interchange, StainsOfASlideAreNothingToAnotherRule) {
  const auto folder = open("data");
  FeatureFile file = foreign(1);
  file.attributes.emplace_back("stain", to_json_text(default_stain_target(StainMethod::kVahadane)));
  ASSERT_TRUE(import(*folder, file));
  EXPECT_FALSE((**folder->records().find_slide(SlideId("foreign=20slide"))).series.front().stain);
}

TEST_F(Interchange, TridentFilesStateWhatTridentReads) {
  const auto folder = filled("s", 3);
  const ExportSummary summary = export_as(*folder, ExportFormat::kTrident);
  EXPECT_EQ(summary.files[0], "512um/patches/s_patches.h5");
  const FeatureFile file = *read_feature_file(out_ / summary.files[1]);
  EXPECT_EQ(*file.find<std::int64_t>("patch_size"), 2048);
  EXPECT_EQ(*file.find<std::int64_t>("patch_size_level0"), 2048);
  EXPECT_EQ(*file.find<std::int64_t>("level0_magnification"), 40);
  EXPECT_EQ(*file.find<std::int64_t>("target_magnification"), 40);
  EXPECT_EQ(*file.find<std::int64_t>("overlap"), 1024);
  EXPECT_EQ(*file.find<std::int64_t>("level0_width"), 40000);
  EXPECT_EQ(*file.find<std::string>("name"), "s");
  EXPECT_EQ(*file.find<std::string>("model_sha256"), kTestEncoder.value);
  EXPECT_EQ(*file.find<std::string>("stain_id"), "none");
}

TEST_F(Interchange, TablesHoldEveryPatch) {
  const auto folder = filled("s", 12);
  export_as(*folder, ExportFormat::kCsv);
  const auto table = read_csv(out_ / "patches.csv");
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows.size(), 12U);
  EXPECT_EQ(table->rows[11][*table->column("patch_id")], "s~2048_2048_2048");
  EXPECT_EQ(table->rows[11][*table->column("field:grade")], "11");
  EXPECT_EQ(table->rows[11][*table->column("field:organ")], "lung");

  export_as(*folder, ExportFormat::kNpy);
  const std::string npy = *read_text_file(out_ / "vectors.npy", 1U << 20U);
  EXPECT_EQ(npy.size(), 128 + 12 * kTestDimension * sizeof(float));
  EXPECT_EQ(export_as(*folder, ExportFormat::kNdjson).files.size(), 1U);
  EXPECT_EQ(export_as(*folder, ExportFormat::kGeoJson).files.front(), "512um/s.geojson");
}

TEST_F(Interchange, ExportsOnlyTheSlidesThatWereNamed) {
  const auto folder = filled("s", 2);
  ASSERT_FALSE(export_patches(*folder, {out_, ExportFormat::kCsv, {SlideId("t")}}, stop_));
  EXPECT_FALSE(fs::exists(out_));
  const auto some = export_patches(*folder, {out_, ExportFormat::kCsv, {SlideId("s")}}, stop_);
  EXPECT_EQ(some->patches, 2U);
}

TEST_F(Interchange, TakesAForeignFileThatIsTrusted) {
  const auto folder = open("data");
  EXPECT_THAT(refusal(*folder, foreign(3), {}), HasSubstr("--trust-features"));
  const auto imported = import(*folder, foreign(3));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->slide.value, "foreign=20slide");
  const auto rows = rows_of(*folder);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].record.id.value, "foreign=20slide~200_0_100");
  EXPECT_EQ(rows[2].record.extent_um, 50);
  EXPECT_EQ(rows[2].vector[2], 1);  // brought to unit length
}

TEST_F(Interchange, ACaseIsStatedOrTheBarcodeOfTheSlideOrTheSlide) {
  const auto folder = open("data");
  const auto case_of = [&folder](const std::string& slide) {
    return (**folder->records().find_slide(SlideId(slide))).case_id.value;
  };
  FeatureFile file = foreign(1);
  ASSERT_TRUE(import(*folder, file));
  EXPECT_EQ(case_of("foreign=20slide"), "foreign=20slide");
  file.attributes.emplace_back("name", std::string("TCGA-CR-7395-01A-01-TS1.abc"));
  ASSERT_TRUE(import(*folder, file));
  EXPECT_EQ(case_of("TCGA-CR-7395-01A-01-TS1.abc"), "TCGA-CR-7395");
  file.attributes.back().second = std::string("TCGA-CR-7395-01A-01-TS2.def");
  file.attributes.emplace_back("case_id", std::string("patient 1"));
  ASSERT_TRUE(import(*folder, file));
  EXPECT_EQ(case_of("TCGA-CR-7395-01A-01-TS2.def"), "patient=201");
}

TEST_F(Interchange, RefusesAnotherModelsFeatures) {
  const auto folder = open("data");
  FeatureFile file = foreign(1);
  file.attributes.emplace_back("model_sha256", test::kOtherEncoder.value);
  EXPECT_THAT(refusal(*folder, file), HasSubstr(test::kOtherEncoder.value));
  file = foreign(1);
  file.features = EmbeddingMatrix::zeros(1, kTestDimension + 1);
  EXPECT_THAT(refusal(*folder, file), HasSubstr("columns"));
}

TEST_F(Interchange, RefusesWhatLiesOutsideOfTheSlide) {
  const auto folder = open("data");
  for (const Level0Point place : {Level0Point{-1, 0}, Level0Point{1000, 0}, Level0Point{0, 1000}}) {
    FeatureFile file = foreign(2);
    file.coords[1] = place;
    EXPECT_THAT(refusal(*folder, file), HasSubstr("coords: row 1"));
  }
  EXPECT_TRUE(rows_of(*folder).empty());
}

TEST_F(Interchange, RefusesVectorsWithoutADirection) {
  const auto folder = open("data");
  for (const float value :
       {0.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    FeatureFile file = foreign(2);
    file.features.row(1)[1] = value;
    EXPECT_THAT(refusal(*folder, file), HasSubstr("features: row 1"));
  }
}

TEST_F(Interchange, RefusesARowTooManyAndAPlaceGivenTwice) {
  const auto folder = open("data");
  FeatureFile file = foreign(2);
  file.coords.pop_back();
  EXPECT_THAT(refusal(*folder, file), HasSubstr("features has 2 rows, coords has 1"));
  file = foreign(2);
  file.coords[1] = file.coords[0];
  EXPECT_THAT(refusal(*folder, file), HasSubstr("is there twice"));
  EXPECT_TRUE(rows_of(*folder).empty());
}

TEST_F(Interchange, KnowsClamsWordsForTheSizeOfAPatch) {
  const auto folder = open("data");
  FeatureFile file = foreign(1);
  file.attributes = {{"patch_size", std::int64_t{256}},
                     {"patch_level", std::int64_t{1}},
                     {"downsample", std::array{4.0, 4.0}}};
  EXPECT_EQ(import(*folder, file)->level0_extent, 1024);
  file.attributes[2].second = std::array<std::int64_t, 2>{8, 8};
  EXPECT_EQ(import(*folder, file)->level0_extent, 2048);
  file.attributes.clear();
  EXPECT_THAT(refusal(*folder, file), HasSubstr("--level0-px"));
  EXPECT_EQ(import(*folder, file, {.trust_features = true, .level0_extent = 77})->level0_extent,
            77);
}

TEST_F(Interchange, ReplacesAStoredSeriesOnlyWhenAsked) {
  const auto folder = open("data");
  ASSERT_TRUE(import(*folder, foreign(3)));
  EXPECT_THAT(refusal(*folder, foreign(2)), HasSubstr("--replace"));
  ASSERT_TRUE(import(*folder, foreign(2), {.trust_features = true, .replace = true}));
  EXPECT_EQ(rows_of(*folder).size(), 2U);
}

TEST_F(Interchange, TakesAMagnificationForThatOfAnyScannersScale) {
  const auto folder = open("data");
  FeatureFile file = foreign(1);
  file.attributes.emplace_back("mpp", 0.526);
  ASSERT_TRUE(import(*folder, file));
  file.attributes.pop_back();  // leaves 20x, which is 0.5 where nothing else is known
  file.attributes.front().second = std::int64_t{50};
  ASSERT_TRUE(import(*folder, file)) << refusal(*folder, file);
  const auto slide = *folder->records().find_slide(SlideId("foreign=20slide"));
  EXPECT_EQ(slide->series.front().extent_um, 50 * 0.526);

  file.attributes.front().second = std::int64_t{25};
  file.attributes.emplace_back("mpp", 0.5);  // stated: it means what it says
  EXPECT_THAT(refusal(*folder, file), HasSubstr("--mpp 0.526"));
  ASSERT_TRUE(import(*folder, file, {.trust_features = true, .mpp = MicronsPerPixel{0.526}}));
}

TEST_F(Interchange, KeepsToTheSlideThatIsStored) {
  const auto folder = open("data");
  FeatureFile file = foreign(2);
  file.attributes.emplace_back("slide_sha256", std::string(64, 'a'));
  ASSERT_TRUE(import(*folder, file));
  file.attributes.back().second = std::string(64, 'b');
  file.attributes.front().second = std::int64_t{50};
  EXPECT_THAT(refusal(*folder, file), HasSubstr("other bytes"));
  file = foreign(2);
  file.attributes[0].second = std::int64_t{50};
  file.attributes[1].second = std::int64_t{40};
  EXPECT_THAT(refusal(*folder, file), HasSubstr("micrometres a pixel"));
  file.attributes[1].second = std::int64_t{20};
  ASSERT_TRUE(import(*folder, file));
  EXPECT_EQ(rows_of(*folder).size(), 4U);
}

}  // namespace
}  // namespace clippath
