// SPDX-License-Identifier: Apache-2.0
// What the tests kill or find in their way: another process on a data folder.
//   store_process write DIR         writes versions of slides 0..4 in turn, for ever; prints
//                                   "<slide> <version>" once a version is acknowledged
//   store_process hold read|write DIR   opens the folder, prints "open", and waits for the end of
//                                   its standard input
#include <cstdio>
#include <string>

#include "clippath/data_folder.h"
#include "tests/unit/store/test_rows.h"

namespace {

using namespace clippath;
using namespace clippath::test;

int report(const Error& error) {
  std::fprintf(stderr, "store_process: %s\n", error.message.c_str());
  return 1;
}

int write_for_ever(const std::string& path) {
  auto folder = DataFolder::open(path, Access::kWrite, "write slides");
  if (!folder) return report(folder.error());
  for (unsigned i = 0;; ++i) {
    const SlideId slide(std::to_string(i % 5));
    const unsigned version = i / 5 + 1;
    auto written = write_test_slide((*folder)->records(), slide, CaseId("case"), 1024,
                                    patches_of_version(version), version);
    if (!written) return report(written.error());
    std::printf("%s %u\n", slide.value.c_str(), version);
    std::fflush(stdout);
  }
}

int hold(const std::string& path, Access access) {
  auto folder = DataFolder::open(path, access, "hold the folder for a test");
  if (!folder) return report(folder.error());
  std::puts("open");
  std::fflush(stdout);
  while (std::fgetc(stdin) != EOF) continue;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "write") return write_for_ever(argv[2]);
  if (mode == "hold" && argc > 3)
    return hold(argv[3], std::string(argv[2]) == "write" ? Access::kWrite : Access::kRead);
  return 2;
}
