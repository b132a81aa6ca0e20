// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/bench_serve.h"
#include "cli/command.h"
#include "clippath/search.h"

namespace clippath::cli {

void add_bench_command(CLI::App& program, Context& context) {
  auto* bench = program.add_subcommand(
      "bench", "Measure this machine; every benchmark checks its answers first");
  bench->require_subcommand(1);

  auto* serve = bench->add_subcommand(
      "serve", "Text queries over HTTP: latency, answers checked against an exact scan");
  auto options = std::make_shared<BenchServeOptions>();
  serve->add_option("--data", options->data, "Data folder with indexed patches")
      ->required()
      ->envname("CLIPPATH_DATA");
  serve->add_option("--queries", options->queries, "Number of distinct texts")
      ->check(CLI::Range(10, 100'000))
      ->capture_default_str();
  serve->add_option("--clients", options->clients, "Clients that ask at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  serve->add_option("-k", options->k, "Hits a query")
      ->check(CLI::Range(std::int64_t{1}, kMaxHits))
      ->capture_default_str();
  serve
      ->add_option("--paraphrases", options->paraphrases,
                   "JSON list of {query, captions, kind}: retrieval quality, too")
      ->check(CLI::ExistingFile);
  add_dtype_option(*serve, options->dtype);
  add_common_options(*serve, context);
  serve->footer("Example: clippath bench serve --data archive --queries 1000 --json");
  on_run(*serve, context, [options, &context]() -> int {
    options->threads = context.threads;
    const auto report = run_bench_serve(*options);
    if (!report) return report_error(report.error());
    std::printf("%s\n", to_text(*report, context.json ? -1 : 2).c_str());
    return kDone;
  });
}

}  // namespace clippath::cli
