// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "clippath/manifest.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

class PatchTable : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
    return folder_.path() / name;
  }
  Result<std::vector<PatchTableSlide>> read(const std::string& text, MissingMpp missing = {}) {
    return read_patch_table(write("patches.csv", text), std::nullopt, missing);
  }
  test::TempDir folder_;
};

TEST_F(PatchTable, GroupsPatchesBySlide) {
  const auto slides = read(
      "file,slide,case,caption,level0_x,level0_y,level0_extent,mpp,stain\n"
      "p/1.png,b,c1,left,0,10,1024,0.5,HE\n"
      "p/2.png,a,,,0,0,2048,0.25,\n"
      "p/3.png,b,c1,,1024,10,1024,0.5,IHC\n");
  ASSERT_TRUE(slides) << slides.error().message;
  ASSERT_EQ(slides->size(), 2U);
  const PatchTableSlide& b = (*slides)[1];
  EXPECT_EQ(b.case_id.value, "c1");
  EXPECT_EQ(b.scale->source, MppSource::kManifest);
  ASSERT_EQ(b.patches.size(), 2U);
  EXPECT_EQ(b.patches[0].id.value, "b~0_10_1024");
  EXPECT_EQ(b.patches[0].file, folder_.path() / "p/1.png");
  EXPECT_EQ(b.patches[0].caption, "left");
  EXPECT_EQ(b.patches[0].fields, (Fields{{"stain", "HE"}}));
  EXPECT_DOUBLE_EQ(b.patches[0].extent_um, 512);
  EXPECT_EQ((*slides)[0].case_id.value, "a");
}

TEST_F(PatchTable, KnowsTheShortNames) {
  const auto slides = read("file,slide,x,y,extent,mpp\n1.png,a,5,6,700,1\n");
  ASSERT_TRUE(slides);
  EXPECT_EQ((*slides)[0].patches[0].rect, (Level0Rect{5, 6, 700, 700}));
}

TEST_F(PatchTable, NamesPatchesWithoutCoordinatesByTheirFile) {
  const auto slides = read("file,slide\nx/tile one.png,a\n");
  ASSERT_TRUE(slides);
  EXPECT_EQ((*slides)[0].patches[0].id.value, "a~tile=20one");
  EXPECT_FALSE((*slides)[0].patches[0].rect);
  EXPECT_EQ((*slides)[0].patches[0].extent_um, 0);
}

TEST_F(PatchTable, FollowsTheMppRules) {
  const auto scale = [this](const std::string& cells, MissingMpp missing = {}) {
    const auto slides =
        read("file,slide,x,y,extent,mpp,mpp_used\n1.png,a,0,0,10," + cells + "\n", missing);
    EXPECT_TRUE(slides) << slides.error().message;
    return (*slides)[0].scale;
  };
  EXPECT_EQ(scale("0.25,0.5")->mpp.value, 0.25);
  EXPECT_EQ(scale("unknown,0.5")->mpp.value, 0.5);
  EXPECT_EQ(scale("unknown,0.5")->source, MppSource::kAssumed);
  EXPECT_EQ(scale(",0.5")->mpp.value, 0.5);
  EXPECT_FALSE(scale(",unknown"));
  EXPECT_EQ(scale(",", {MissingMpp::Policy::kDefault, {0.4}})->mpp.value, 0.4);
}

TEST_F(PatchTable, JoinsTheTableOfSlides) {
  const auto patches =
      write("patches.csv", "file,slide,x,y,extent,mpp\n1.png,a,0,0,10,1\n2.png,b,0,0,10,1\n");
  const auto slides_csv =
      write("slides.csv", "slide,case,caption,organ\na,case-a,Fibrosis,liver\nz,z,z,z\n");
  const auto slides = read_patch_table(patches, slides_csv, {});
  ASSERT_TRUE(slides) << slides.error().message;
  EXPECT_EQ((*slides)[0].case_id.value, "case-a");
  EXPECT_EQ((*slides)[0].caption, "Fibrosis");
  EXPECT_EQ((*slides)[0].fields, (Fields{{"organ", "liver"}}));
  EXPECT_EQ((*slides)[1].case_id.value, "b");
}

TEST_F(PatchTable, NamesLineAndColumnOfAFault) {
  const auto fault = [this](const std::string& rows, const std::string& where) {
    const auto slides = read("file,slide,case,x,y,extent,mpp\n" + rows);
    ASSERT_FALSE(slides) << rows;
    EXPECT_EQ(slides.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(slides.error().message.find(where), std::string::npos) << slides.error().message;
  };
  fault("1.png,a,,0,0,10,1\n2.png,a,,0,,10,1\n", "line 3, column y");
  fault("1.png,a,,0,0,ten,1\n", "line 2, column extent");
  fault("1.png,a,,-1,0,10,1\n", "line 2, column x");
  fault("1.png,a,,0,0,0,1\n", "line 2, column extent");
  fault("1.png,,,0,0,10,1\n", "line 2, column slide");
  fault(",a,,0,0,10,1\n", "line 2, column file");
  fault("1.png,a,,0,0,10,1\n2.png,a,,0,0,10,1\n", "line 3, column file");
  fault("1.png,a,,0,0,10,1\n2.png,a,,9,0,10,0.5\n", "line 3, column mpp");
  fault("1.png,a,c,0,0,10,1\n2.png,a,d,9,0,10,1\n", "line 3, column case");
  fault("", "holds no patch");
}

TEST_F(PatchTable, ReadsThePatchTableOfTheDemo) {
  const fs::path folder = fs::path(CLIPPATH_SOURCE_DIR) / "demo/patches";
  const auto slides = read_patch_table(folder / "patches.csv", folder / "slides.csv", {});
  ASSERT_TRUE(slides) << slides.error().message;
  std::size_t patches = 0;
  for (const PatchTableSlide& slide : *slides) {
    EXPECT_FALSE(slide.caption.empty()) << slide.id.value;
    for (const PatchInput& patch : slide.patches) {
      EXPECT_TRUE(fs::exists(patch.file)) << patch.file;
      EXPECT_GT(patch.extent_um, 0);
    }
    patches += slide.patches.size();
  }
  EXPECT_EQ(patches, 200U);
}

}  // namespace
}  // namespace clippath
