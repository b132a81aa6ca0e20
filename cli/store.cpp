// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/store_interchange.h"
#include "clippath/data_folder.h"
#include "clippath/generation.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

std::uintmax_t bytes_below(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  }
  return bytes;
}

Result<int> print_stats(const std::filesystem::path& data, const Context& context) {
  CLIPPATH_TRY(const auto folder, DataFolder::open(data, Access::kRead, "store stats"));
  CLIPPATH_TRY(const auto snapshot, load_snapshot(*folder, Access::kRead));
  Json encoders = Json::array();
  for (const EncoderEntry& encoder : folder->encoders()) {
    encoders.push_back(
        {{"id", encoder.id.value}, {"name", encoder.name}, {"dimension", encoder.dimension}});
  }
  const Json stats = {{"slides", snapshot->slides.size()},
                      {"patches", snapshot->patches.size()},
                      {"reports", snapshot->reports.size()},
                      {"generation", snapshot->generation},
                      {"encoders", encoders},
                      {"bytes",
                       {{"records", bytes_below(data / "records")},
                        {"generations", bytes_below(data / "generations")},
                        {"models", bytes_below(data / "models")}}},
                      {"notes", snapshot->notes}};
  std::printf("%s\n", to_text(stats, context.json ? -1 : 2).c_str());
  return kDone;
}

Result<int> verify(const std::filesystem::path& data, const Context& context) {
  CLIPPATH_TRY(const auto folder, DataFolder::open(data, Access::kRead, "store verify"));
  CLIPPATH_TRY(const auto faults, folder->records().verify());
  if (context.json) {
    std::printf("%s\n", to_text({{"healthy", faults.empty()}, {"faults", faults}}).c_str());
  } else {
    for (const std::string& fault : faults) std::printf("%s\n", fault.c_str());
    if (faults.empty()) std::printf("every record and checksum is right\n");
  }
  return faults.empty() ? kDone : kFailed;
}

using Action = Result<int> (*)(const std::filesystem::path&, const Context&);

void add_action(CLI::App& store, Context& context, const char* name, const char* what,
                Action action) {
  auto* command = store.add_subcommand(name, what);
  auto data = std::make_shared<std::filesystem::path>();
  command->add_option("--data", *data, "Data folder")->required()->envname("CLIPPATH_DATA");
  add_common_options(*command, context);
  on_run(*command, context, [data, action, &context]() -> int {
    const auto exit_code = action(*data, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace

void add_store_command(CLI::App& program, Context& context) {
  auto* store = program.add_subcommand("store", "Look after a data folder");
  store->require_subcommand(1);
  add_action(*store, context, "stats", "What is in it and how large it is", &print_stats);
  add_action(*store, context, "verify", "Read every record and check every checksum", &verify);
  add_store_export(*store, context);
  add_store_import(*store, context);
}

}  // namespace clippath::cli
