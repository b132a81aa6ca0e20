// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>

#include "tests/support/program.h"

namespace clippath::test {

/// A data folder with three of the bundled slides, ready-made patches and reports, indexed once for
/// a whole suite of tests.
class DemoFolder : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempDir>();
    const std::string model = source_path("demo/model/atlas-clippath-small");
    const std::string manifest = folder_->path() / "manifest.csv";
    std::ofstream table(manifest);
    table << "slide,path,case,organ\n";
    table << "breast-ilc-HE-2048," << source_path("demo/slides/breast-ilc-HE-2048.svs")
          << ",breast-lobular-carcinoma,breast\n";
    table << "pdac-HE1-2048," << source_path("demo/slides/pdac-HE1-2048.svs")
          << ",PDAC-tru-cut,pancreas\n";
    table << "lung-scc-HE2-2048," << source_path("demo/slides/lung-scc-HE2-2048.svs")
          << ",lung-squamous-cell-carcinoma,lung\n";
    table.close();
    Finished step =
        run({"index", manifest, "--data", data(), "--model", model, "--overlap", "0.5"});
    ASSERT_EQ(step.exit_code, 0) << step.err;
    step = run({"index", "--patches", source_path("demo/patches/patches.csv"), "--slides",
                source_path("demo/patches/slides.csv"), "--data", data()});
    ASSERT_EQ(step.exit_code, 0) << step.err;
    step = run({"reports", "import", source_path("demo/reports/reports.csv"), "--data", data()});
    ASSERT_EQ(step.exit_code, 0) << step.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string data() { return folder_->path() / "data"; }

 private:
  static inline std::unique_ptr<TempDir> folder_;
};

}  // namespace clippath::test
