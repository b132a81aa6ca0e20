// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "cli/command.h"
#include "encoder/runtime/threads.h"

/// What jemalloc reads at its first call. Weights and batches are large: in huge pages they cost a
/// tenth of the page faults.
extern "C" {
const char* malloc_conf = "thp:always";
}

namespace {

using clippath::cli::Context;

constexpr std::array kCommands = {
    &clippath::cli::add_index_command,  &clippath::cli::add_reports_command,
    &clippath::cli::add_search_command, &clippath::cli::add_serve_command,
    &clippath::cli::add_encode_command, &clippath::cli::add_model_command,
    &clippath::cli::add_stain_command,  &clippath::cli::add_store_command,
    &clippath::cli::add_eval_command,   &clippath::cli::add_bench_command,
    &clippath::cli::add_doctor_command,
};

std::atomic<bool> stop_requested = false;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

/// The first signal asks the running command to end by itself; a second one ends the process (the
/// store survives that).
void watch_signals() {
  const sigset_t set = stop_signals();
  int signal = 0;
  sigwait(&set, &signal);
  stop_requested = true;
  stop_requested.notify_all();
  sigwait(&set, &signal);
  _exit(clippath::cli::kInterrupted);
}

/// These libraries read their settings when they are loaded or first used, so they stand here,
/// before any call into them.
void set_library_environment() {
  // One primitive is cached per input shape; text comes in many lengths, and the default of 1,024
  // lets memory grow without a use.
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64", 0);
}

/// All that is ours is closed when run() returns; taking LibTorch's tables of operators down piece
/// by piece would cost every command another 0.2 s.
[[noreturn]] void end_process(int exit_code) {
  std::fflush(nullptr);
  std::_Exit(exit_code);
}

int run(int argc, char** argv) {
  CLI::App program{"clippath: search a slide archive by words or by picture"};
  program.set_version_flag("--version", clippath::cli::program_version());
  program.require_subcommand(1);
  program.get_formatter()->column_width(36);
  Context context{stop_requested};
  context.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (auto add : kCommands) add(program, context);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? clippath::cli::kDone : clippath::cli::kUsage;
  }
  return context.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  set_library_environment();
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  clippath::use_one_thread_per_call();
  std::thread(watch_signals).detach();  // ci-allow: waits for signals until the process ends
  try {
    end_process(run(argc, argv));
  } catch (const std::exception& error) {
    end_process(clippath::cli::report_error({clippath::ErrorKind::kInternal, error.what()}));
  }
}
