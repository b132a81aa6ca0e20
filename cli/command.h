// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "clippath/core/error.h"
#include "clippath/encoder.h"

namespace clippath::cli {

/// What the program returns (docs/exit_codes.md).
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,       ///< wrong usage, or no input matched
  kPartlyDone = 3,  ///< some items done, some failed, each listed with its reason
  kInterrupted = 130,
};

/// What main gives to every subcommand.
struct Context {
  const std::atomic<bool>& stop;  ///< set, and notified, at SIGINT or SIGTERM
  bool json = false;              ///< stdout is one JSON document (or NDJSON events)
  bool quiet = false;             ///< no progress, no table
  int threads = 1;                ///< --threads; default: the number of cores
  int exit_code = kDone;          ///< set by the subcommand that ran
};

/// Adds `--threads`, `--json`, `--quiet` and `--log-level` to a subcommand.
void add_common_options(CLI::App& command, Context& context);

/// Adds `--model DIR`, which may be given several times.
void add_models_option(CLI::App& command, std::vector<std::filesystem::path>& models);

/// Adds `--encoder`: one of a data folder's, by id or name.
void add_encoder_option(CLI::App& command, std::string& encoder);

/// Adds `--device cpu|cuda|cuda:N` and `--dtype auto|fp32|bf16|fp16`.
void add_compute_options(CLI::App& command, EncoderOptions& options);

/// Adds `--dtype auto|fp32|bf16`, for what runs on the processor alone.
void add_dtype_option(CLI::App& command, DtypeChoice& dtype);

/// Adds `--long-text windows|cut`.
void add_long_text_option(CLI::App& command, LongText& long_texts);

/// What an option that must be a number above 0 is checked by.
CLI::Validator above_zero();

/// Registers what a subcommand does; its return value becomes the program's exit code.
void on_run(CLI::App& command, Context& context, std::function<int()> run);

/// Prints `clippath: <message>` on stderr and returns the exit code of this kind of error.
int report_error(const Error& error);

/// Version of the program, "0.1.0".
std::string program_version();

// One function a subcommand, each in a file of its name; main.cpp lists them.
void add_index_command(CLI::App& program, Context& context);
void add_reports_command(CLI::App& program, Context& context);
void add_search_command(CLI::App& program, Context& context);
void add_serve_command(CLI::App& program, Context& context);
void add_eval_command(CLI::App& program, Context& context);
void add_encode_command(CLI::App& program, Context& context);
void add_model_command(CLI::App& program, Context& context);
void add_stain_command(CLI::App& program, Context& context);
void add_store_command(CLI::App& program, Context& context);
void add_bench_command(CLI::App& program, Context& context);
void add_doctor_command(CLI::App& program, Context& context);

}  // namespace clippath::cli
