// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "clippath/core/tcga_barcode.h"
#include "clippath/manifest.h"
#include "tests/support/as_nobody.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

class CollectSlides : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text = "") {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }
  Result<std::vector<SlideInput>> manifest(const std::string& text) {
    return collect_slides({write("manifest.csv", text)}, IdFrom::kStem);
  }
  test::TempDir folder_;
};

TEST_F(CollectSlides, SearchesFoldersForSlidesInOrderOfId) {
  write("b.svs");
  write("deep/er/a.TIFF");
  write("deep/notes.txt");
  write("deep/er/c.ndpi");
  const auto slides = collect_slides({folder_.path()}, IdFrom::kStem);
  ASSERT_TRUE(slides) << slides.error().message;
  ASSERT_EQ(slides->size(), 3U);
  EXPECT_EQ((*slides)[0].id.value, "a");
  EXPECT_EQ((*slides)[1].id.value, "b");
  EXPECT_EQ((*slides)[2].path, folder_.path() / "deep/er/c.ndpi");
}

TEST_F(CollectSlides, TakesIdsFromPathsWhereStemsClash) {
  const fs::path one = write("one/slide.svs");
  const fs::path two = write("two/slide.svs");
  write("two/other.svs");
  const auto clash = collect_slides({folder_.path()}, IdFrom::kStem);
  ASSERT_TRUE(clash);
  ASSERT_EQ(clash->size(), 2U);
  EXPECT_EQ((*clash)[0].fault, "") << "it has nothing to do with the others";
  for (const std::string& named : {one.string(), two.string(), std::string("--id-from path")})
    EXPECT_NE((*clash)[1].fault.find(named), std::string::npos) << (*clash)[1].fault;
  const auto slides = collect_slides({folder_.path()}, IdFrom::kPath);
  ASSERT_TRUE(slides);
  EXPECT_EQ((*slides)[0].id.value, "one=2Fslide.svs");
}

TEST_F(CollectSlides, TakesOnceWhatIsGivenTwice) {
  const fs::path slide = write("one/slide.svs");
  const auto slides = collect_slides({slide, folder_.path(), slide}, IdFrom::kStem);
  ASSERT_TRUE(slides);
  ASSERT_EQ(slides->size(), 1U);
  EXPECT_EQ((*slides)[0].fault, "");
  const auto captioned = manifest("slide,path,caption\na,1.svs,lung\na,1.svs,liver\n");
  ASSERT_TRUE(captioned);
  ASSERT_EQ(captioned->size(), 1U);
  EXPECT_NE((*captioned)[0].fault.find("different columns"), std::string::npos);
}

TEST_F(CollectSlides, AClosedFolderCostsWhatItHolds) {
  write("deep/a.svs");
  write("deep/closed/b.svs");
  const fs::path closed = folder_.path() / "deep/closed";
  fs::permissions(folder_.path(), fs::perms(0755));
  fs::permissions(closed, fs::perms::none);
  Result<std::vector<SlideInput>> slides;
  {
    const test::AsNobody nobody;
    slides = collect_slides({folder_.path()}, IdFrom::kStem);
  }
  fs::permissions(closed, fs::perms::owner_all);
  ASSERT_TRUE(slides) << slides.error().message;
  ASSERT_EQ(slides->size(), 2U);
  EXPECT_EQ((*slides)[0].fault,
            "folder '" + closed.string() + "' cannot be read: Permission denied");
  EXPECT_EQ((*slides)[1].path, folder_.path() / "deep/a.svs");
  EXPECT_EQ((*slides)[1].fault, "");
}

TEST_F(CollectSlides, TakesRegionsBesideTheManifest) {
  const auto slides = manifest("path,roi\na.svs,drawn/a.geojson\nb.svs,\n");
  ASSERT_TRUE(slides) << slides.error().message;
  EXPECT_EQ((*slides)[0].roi, folder_.path() / "drawn/a.geojson");
  EXPECT_TRUE((*slides)[1].roi.empty());
  EXPECT_TRUE((*slides)[0].fields.empty());
}

TEST_F(CollectSlides, TakesTheCaseFromATcgaBarcode) {
  const auto slides = collect_slides({write("tcga-cr-7395-01a-01-ts1.svs")}, IdFrom::kStem);
  EXPECT_EQ((*slides)[0].case_id.value, "TCGA-CR-7395");
  EXPECT_EQ(tcga_case_of("TCGA-CR-7395"), "TCGA-CR-7395");
  EXPECT_EQ(tcga_case_of("TCGA-CR-73956"), "");
  EXPECT_EQ(tcga_case_of("CMU-1-small-region"), "");
  EXPECT_EQ(tcga_site_of("tcga-cr-7395-01A-01-TS1"), "CR");
  EXPECT_EQ(tcga_site_of("CMU-1-small-region"), "");
}

TEST_F(CollectSlides, ReadsAManifest) {
  const auto slides = manifest(
      "slide,path,case,caption,report_id,mpp,organ,year,seen\n"
      "one,a/one.svs,case 1,\"Carcinoma, lobular\",r1; r2,0.25,breast,2021,yes\n"
      ",a/two.svs,,,,unknown,,,\n");
  ASSERT_TRUE(slides) << slides.error().message;
  const SlideInput& one = (*slides)[0];
  EXPECT_EQ(one.path, folder_.path() / "a/one.svs");
  EXPECT_EQ(one.case_id.value, "case=201");
  EXPECT_EQ(one.caption, "Carcinoma, lobular");
  EXPECT_EQ(one.report_ids, (std::vector<ReportId>{ReportId("r1"), ReportId("r2")}));
  EXPECT_EQ(one.mpp, MicronsPerPixel{0.25});
  EXPECT_EQ(one.fields, (Fields{{"organ", "breast"}, {"year", 2021.0}, {"seen", true}}));
  const SlideInput& two = (*slides)[1];
  EXPECT_EQ(two.id.value, "two");
  EXPECT_EQ(two.case_id.value, "two");
  EXPECT_FALSE(two.mpp);
  EXPECT_TRUE(two.fields.empty());
}

TEST_F(CollectSlides, ReadsTheManifestOfTheDemo) {
  const auto slides =
      collect_slides({fs::path(CLIPPATH_SOURCE_DIR) / "demo/slides/manifest.csv"}, IdFrom::kStem);
  ASSERT_TRUE(slides) << slides.error().message;
  EXPECT_EQ(slides->size(), 12U);
  for (const SlideInput& slide : *slides) {
    EXPECT_TRUE(fs::exists(slide.path)) << slide.path;
    EXPECT_TRUE(slide.fields.contains("seen_in_training"));
  }
}

TEST_F(CollectSlides, NamesLineAndColumnOfAFault) {
  const auto message_of = [this](const std::string& text) {
    const auto slides = manifest(text);
    EXPECT_FALSE(slides) << text;
    return slides ? "" : slides.error().message;
  };
  const std::string mpp = message_of("slide,path,mpp\na,a.svs,0.5\nb,b.svs,352\n");
  EXPECT_NE(mpp.find("line 3, column mpp"), std::string::npos) << mpp;
  const std::string path = message_of("slide,path\na,\n");
  EXPECT_NE(path.find("line 2, column path"), std::string::npos) << path;
  const std::string id = message_of("slide,path\n" + std::string(129, 'x') + ",a.svs\n");
  EXPECT_NE(id.find("column slide"), std::string::npos) << id;
  EXPECT_NE(message_of("slide,file\na,b\n").find("'path'"), std::string::npos);
}

TEST_F(CollectSlides, RefusesInputsWithoutSlides) {
  EXPECT_EQ(collect_slides({folder_.path()}, IdFrom::kStem).error().kind,
            ErrorKind::kInvalidArgument);
  EXPECT_EQ(collect_slides({folder_.path() / "absent"}, IdFrom::kStem).error().kind,
            ErrorKind::kNotFound);
}

}  // namespace
}  // namespace clippath
