// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "clippath/core/digest.h"
#include "clippath/pipeline.h"
#include "tests/support/fake_encoder.h"
#include "tests/support/synthetic_slide.h"
#include "tests/support/temp_dir.h"

namespace clippath::test {

using Drawings = std::map<std::string, SyntheticSlide::Drawing>;

inline SyntheticSlide::Drawing covered(std::int64_t side) {
  SyntheticSlide::Drawing drawing;
  drawing.width = side;
  drawing.height = side;
  drawing.tissue = {{0, 0, side, side}};
  return drawing;
}

/// `count` tiles of 128 px side by side, all of tissue.
inline SyntheticSlide::Drawing row_of_tiles(std::int64_t count) {
  SyntheticSlide::Drawing drawing = covered(128);
  drawing.width = 128 * count;
  drawing.tissue = {{0, 0, drawing.width, drawing.height}};
  return drawing;
}

/// Everything that a search can see of a data folder: fingerprint of ids, order and vectors.
inline std::vector<std::string> rows_of(const DataFolder& folder) {
  std::vector<std::string> rows;
  const auto visited =
      folder.records().each_patch([&rows](const SlideRecord&, PatchRow&& row) -> Result<void> {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(row.vector.data());
        rows.push_back(row.record.id.value + " picture " + std::to_string(row.record.picture_hash) +
                       " tissue " + std::to_string(row.record.tissue_fraction) + " vector " +
                       std::to_string(xxh3(std::span(bytes, row.vector.size() * sizeof(float)))));
        return {};
      });
  EXPECT_TRUE(visited);
  return rows;
}

/// A data folder, an encoder, and slides that exist as drawings under the names of small files.
class Pipeline : public testing::Test {
 protected:
  Pipeline() { options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 128}}; }

  /// A slide's file holds its bytes only, so that its fingerprint can change; pixels are drawn.
  SlideInput slide(const std::string& id, SyntheticSlide::Drawing drawing,
                   const std::string& bytes = "bytes") {
    drawings_[id + ".svs"] = std::move(drawing);
    SlideInput input;
    input.id = SlideId(id);
    input.case_id = CaseId("case-" + id);
    input.path = files_.path() / (id + ".svs");
    input.fields = {{"organ", "lung"}};
    std::ofstream(input.path) << bytes;
    return input;
  }

  SlideOpener opener() {
    return [this](const std::filesystem::path& path) -> Result<std::shared_ptr<const SlideReader>> {
      const auto drawing = drawings_.find(path.filename().string());
      if (drawing == drawings_.end()) return fail(ErrorKind::kUnsupported, "no slide");
      return std::make_shared<SyntheticSlide>(drawing->second);
    };
  }

  Result<IndexSummary> index(DataFolder& folder, const std::vector<SlideInput>& slides,
                             const ProgressSink& progress = {}) {
    return index(folder, slides, {&encoder_}, progress);
  }

  Result<IndexSummary> index(DataFolder& folder, const std::vector<SlideInput>& slides,
                             const EncoderList& encoders, const ProgressSink& progress = {}) {
    return index_slides(slides, options_, encoders, opener(), folder, progress, stop_);
  }

  static std::unique_ptr<DataFolder> open(const TempDir& dir) {
    auto folder = DataFolder::open(dir.path() / "data", Access::kWrite, "test");
    EXPECT_TRUE(folder) << folder.error().message;
    return std::move(*folder);
  }

  static SlideRecord record(const DataFolder& folder, const std::string& id) {
    auto found = folder.records().find_slide(SlideId(id));
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : SlideRecord{};
  }

  TempDir files_;
  Drawings drawings_;
  FakeEncoder encoder_{16, 32};
  IndexOptions options_;
  std::atomic<bool> stop_ = false;
};

}  // namespace clippath::test
