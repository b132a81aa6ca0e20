// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

std::string help_of(Words command) {
  command.push_back("--help");
  const Finished finished = run(command);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  return finished.out;
}

TEST(Help, NamesEveryColumnOfAManifest) {
  const std::string help = help_of({"index"});
  for (const char* column : {"slide,", "path,", "case,", "caption,", "report_id,", "mpp,", "roi;"})
    EXPECT_THAT(help, HasSubstr(column));
}

TEST(Help, ExamplesNameTheBundledModel) {
  const std::string model = "demo/model/atlas-clippath-small";
  ASSERT_TRUE(std::filesystem::is_directory(source_path(model)));
  for (const Words& command : {Words{"index"}, Words{"bench", "index"}, Words{"model", "verify"}})
    EXPECT_THAT(help_of(command), HasSubstr(" " + model));
}

TEST(Help, OffersFp16WhereThereIsADevice) {
  for (const Words& command : {Words{"index"}, Words{"search"}, Words{"bench", "encode"}})
    EXPECT_THAT(help_of(command), HasSubstr("fp16 on a GPU"));
  for (const Words& command : {Words{"model", "verify"}, Words{"bench", "serve"}})
    EXPECT_THAT(help_of(command), Not(HasSubstr("fp16")));
  const Finished refused = run({"model", "verify", "any", "--dtype", "fp16"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--dtype"));
}

}  // namespace
}  // namespace clippath::test
