// SPDX-License-Identifier: Apache-2.0
#include "tests/support/folder_contents.h"

#include "clippath/core/check.h"
#include "clippath/data_folder.h"

namespace clippath::test {

std::map<std::string, Embedding> patches_in(const std::filesystem::path& data_folder) {
  const auto folder = DataFolder::open(data_folder, Access::kRead, "test");
  CLIPPATH_CHECK(folder.has_value());
  std::map<std::string, Embedding> patches;
  const auto visited =
      (*folder)->records().each_patch([&](const SlideRecord&, PatchRow&& row) -> Result<void> {
        patches.emplace(row.record.id.value, std::move(row.vector));
        return {};
      });
  CLIPPATH_CHECK(visited.has_value());
  return patches;
}

}  // namespace clippath::test
