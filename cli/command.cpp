// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <cstdio>
#include <map>

#include "clippath/core/log.h"

namespace clippath::cli {

void add_common_options(CLI::App& command, Context& context) {
  command.add_option("--threads", context.threads, "Threads to work with")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str()
      ->envname("CLIPPATH_THREADS");
  command.add_flag("--json", context.json, "Results as JSON on stdout");
  command.add_flag("--quiet", context.quiet, "No progress and no table, only results and errors");
  const std::map<std::string, LogLevel> levels{{"debug", LogLevel::kDebug},
                                               {"info", LogLevel::kInfo},
                                               {"warning", LogLevel::kWarning},
                                               {"error", LogLevel::kError}};
  command
      .add_option_function<std::string>(
          "--log-level", [levels](const std::string& name) { set_log_level(levels.at(name)); },
          "Least level that is logged: debug, info, warning, error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->envname("CLIPPATH_LOG_LEVEL");
}

void add_models_option(CLI::App& command, std::vector<std::filesystem::path>& models) {
  command
      .add_option("--model", models,
                  "Model folder; several times for several encoders side by side (default: the "
                  "data folder's own)")
      ->allow_extra_args(false)
      ->envname("CLIPPATH_MODEL");
}

void add_encoder_option(CLI::App& command, std::string& encoder) {
  command.add_option("--encoder", encoder,
                     "Id or name of one of the data folder's encoders (default: its first)");
}

void add_dtype_option(CLI::App& command, DtypeChoice& dtype) {
  static const std::map<std::string, DtypeChoice> choices{
      {"auto", DtypeChoice::kAuto}, {"fp32", DtypeChoice::kFp32}, {"bf16", DtypeChoice::kBf16}};
  command
      .add_option_function<std::string>(
          "--dtype", [&dtype](const std::string& name) { dtype = choices.at(name); },
          "Arithmetic of the encoder: auto, fp32, bf16 (auto: bf16 where the processor has it)")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
      ->default_str("auto");
}

CLI::Validator above_zero() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        double value = 0;
        const bool is_above = CLI::detail::lexical_cast(text, value) && value > 0;
        return is_above ? "" : "must be a number above 0, is '" + text + "'";
      },
      "above 0");
}

void on_run(CLI::App& command, Context& context, std::function<int()> run) {
  command.callback([&context, run = std::move(run)] { context.exit_code = run(); });
}

int report_error(const Error& error) {
  std::fprintf(stderr, "clippath: %s\n", error.message.c_str());
  return error.kind == ErrorKind::kInvalidArgument ? kUsage : kFailed;
}

std::string program_version() { return CLIPPATH_VERSION; }

}  // namespace clippath::cli
