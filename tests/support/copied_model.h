// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "clippath/core/files.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"

namespace clippath::test {

/// A copy of a golden model folder, to be damaged.
class CopiedModel : public ::testing::Test {
 protected:
  CopiedModel(std::string model, std::vector<const char*> files)
      : model_(std::move(model)), files_(std::move(files)) {}

  void SetUp() override {
    for (const char* name : files_) restore(name);
  }
  void restore(const char* name) const {
    std::filesystem::copy_file(golden_dir() / "models" / model_ / name, path(name));
  }
  [[nodiscard]] const std::vector<const char*>& files() const { return files_; }
  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path path(const char* name) const { return folder_.path() / name; }

  /// Replaces the first occurrence in a file.
  void change(const char* name, const std::string& from, const std::string& to) const {
    std::string text = text_of(name);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(path(name), std::ios::binary) << text;
  }
  void change_all(const char* name, const std::string& from, const std::string& to) const {
    std::string text = text_of(name);
    ASSERT_NE(text.find(from), std::string::npos) << from;
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
    std::ofstream(path(name), std::ios::binary) << text;
  }

  /// Overwrites the first elements of a half-precision tensor of `model.safetensors`.
  void fill(const char* tensor, std::uint16_t half, std::size_t count) const {
    const WeightsFile weights = open_golden(path("model.safetensors"));
    const auto offset = weights.find(tensor)->bytes.data() - weights.bytes().data();
    std::fstream file(path("model.safetensors"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    for (std::size_t i = 0; i < count; ++i) {
      file.write(reinterpret_cast<const char*>(&half), sizeof half);
    }
  }

 private:
  [[nodiscard]] std::string text_of(const char* name) const {
    return read_text_file(path(name), 16U << 20U).value();
  }

  const std::string model_;
  const std::vector<const char*> files_;
  TempDir folder_;
};

}  // namespace clippath::test
