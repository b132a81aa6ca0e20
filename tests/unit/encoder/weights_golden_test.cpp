// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "encoder/weights/weights_writer.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

/// Every file that Python's safetensors wrote for the golden models.
std::vector<std::filesystem::path> files_of_python() {
  std::vector<std::filesystem::path> files;
  for (const auto& item :
       std::filesystem::recursive_directory_iterator(test::golden_dir() / "models")) {
    if (item.path().extension() == ".safetensors") files.push_back(item.path());
  }
  return files;
}

TEST(WeightsWriter, WritesTheBytesOfPythonsLibrary) {
  const auto files = files_of_python();
  EXPECT_GE(files.size(), 20U);
  const test::TempDir folder;
  const auto copy = folder.path() / "copy.safetensors";
  for (const auto& path : files) {
    const WeightsFile original = test::open_golden(path);
    const auto metadata = parse_metadata(original.bytes());
    ASSERT_TRUE(metadata && write_weights_file(copy, original.tensors(), *metadata)) << path;
    const WeightsFile written = test::open_golden(copy);
    EXPECT_TRUE(std::equal(written.bytes().begin(), written.bytes().end(), original.bytes().begin(),
                           original.bytes().end()))
        << path;
  }
}

}  // namespace
}  // namespace clippath
