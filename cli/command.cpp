// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

#include <cstdio>
#include <map>

#include "clippath/core/log.h"

namespace clippath::cli {

namespace {

/// An option that takes one of a few words, each for a value.
template <class Value>
void add_word_option(CLI::App& command, const std::string& name, Value& value,
                     const std::map<std::string, Value>& values, const std::string& preset,
                     const std::string& description) {
  command
      .add_option_function<std::string>(
          name, [&value, values](const std::string& word) { value = values.at(word); }, description)
      ->check(CLI::IsMember(values))
      ->default_str(preset);
}

/// fp16 is for GPUs: a command without one does not offer it.
void add_dtype_words(CLI::App& command, DtypeChoice& dtype, bool on_gpu) {
  std::map<std::string, DtypeChoice> words{
      {"auto", DtypeChoice::kAuto}, {"fp32", DtypeChoice::kFp32}, {"bf16", DtypeChoice::kBf16}};
  if (on_gpu) words.emplace("fp16", DtypeChoice::kFp16);
  add_word_option(
      command, "--dtype", dtype, words, "auto",
      "Arithmetic of the encoder: auto, fp32, bf16" +
          std::string(on_gpu ? ", or fp16 on a GPU" : "") +
          " (auto: bf16 where the hardware has it and the model is exact enough in it)");
}

}  // namespace

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

void add_compute_options(CLI::App& command, EncoderOptions& options) {
  command.add_option("--device", options.device, "Where models compute: cpu, cuda, cuda:N")
      ->envname("CLIPPATH_DEVICE")
      ->capture_default_str();
  add_dtype_words(command, options.dtype, true);
}

void add_dtype_option(CLI::App& command, DtypeChoice& dtype) {
  add_dtype_words(command, dtype, false);
}

void add_long_text_option(CLI::App& command, LongText& long_texts) {
  add_word_option<LongText>(
      command, "--long-text", long_texts,
      {{"windows", LongText::kWindows}, {"cut", LongText::kCut}}, "windows",
      "Texts longer than the model reads: windows (their mean by length), cut");
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
