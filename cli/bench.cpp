// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/bench_encode.h"
#include "cli/bench_index.h"
#include "cli/bench_serve.h"
#include "cli/bench_stain.h"
#include "cli/bench_tissue.h"
#include "cli/command.h"
#include "clippath/search.h"

namespace clippath::cli {
namespace {

int print_report(const Result<Json>& report, const Context& context) {
  if (!report) return report_error(report.error());
  std::printf("%s\n", to_text(*report, context.json ? -1 : 2).c_str());
  return kDone;
}

void add_bench_encode(CLI::App& bench, Context& context) {
  auto* encode = bench.add_subcommand(
      "encode",
      "Pictures and texts a second of a model, against its matrix products alone; no text cache");
  auto options = std::make_shared<BenchEncodeOptions>();
  encode->add_option("--model", options->model, "Model folder")
      ->required()
      ->envname("CLIPPATH_MODEL");
  encode->add_option("--texts", options->texts, "File with one text a line")
      ->check(CLI::ExistingFile);
  encode->add_option("--batch", options->batch, "Pictures at once, on each thread")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  encode->add_option("--repeats", options->repeats, "Times a batch is measured")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_compute_options(*encode, options->encoder);
  add_long_text_option(*encode, options->encoder.long_texts);
  add_common_options(*encode, context);
  encode->footer("Example: clippath bench encode --model DIR --texts phrases.txt --dtype bf16");
  on_run(*encode, context, [options, &context]() -> int {
    options->threads = context.threads;
    return print_report(run_bench_encode(*options), context);
  });
}

void add_bench_index(CLI::App& bench, Context& context) {
  auto* index = bench.add_subcommand(
      "index", "Patches a second of an index run, against decoding and encoding measured alone");
  auto options = std::make_shared<BenchIndexOptions>();
  index->add_option("SLIDE", options->slide, "A slide; 200 patches or more say something")
      ->required();
  index->add_option("--model", options->model, "Model folder")
      ->required()
      ->envname("CLIPPATH_MODEL");
  index->add_option("--level0-px", options->level0_px, "Side of a tile in level-0 pixels")
      ->check(above_zero())
      ->capture_default_str();
  index->add_option("--repeats", options->repeats, "Times each part is measured, in turns")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_tissue_rule_options(*index, options->rules);
  add_compute_options(*index, options->encoder);
  add_common_options(*index, context);
  index->footer("Example: clippath bench index slide.svs --model demo/model/atlas-clippath-small");
  on_run(*index, context, [options, &context]() -> int {
    options->threads = context.threads;
    return print_report(run_bench_index(*options, context.stop), context);
  });
}

void add_bench_serve(CLI::App& bench, Context& context) {
  auto* serve = bench.add_subcommand("serve",
                                     "Text queries over HTTP without the text cache: latency, "
                                     "answers checked against an exact scan");
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
    return print_report(run_bench_serve(*options), context);
  });
}

void add_bench_stain(CLI::App& bench, Context& context) {
  auto* stain =
      bench.add_subcommand("stain", "Stain normalisation on one core, bytes compared between runs");
  auto options = std::make_shared<BenchStainOptions>();
  stain->add_option("IN", options->inputs, "PNG or JPEG files, or folders of them")->required();
  stain->add_option("--target", options->target, "Reference picture")->required();
  stain->add_option("--side", options->side_px, "Pictures are resized to this many px a side")
      ->check(CLI::Range(16, 4096))
      ->capture_default_str();
  stain->add_option("--repeats", options->repeats, "Runs over all pictures")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  add_common_options(*stain, context);
  stain->footer("Example: clippath bench stain tiles/ --target reference.png --json");
  on_run(*stain, context,
         [options, &context]() -> int { return print_report(run_bench_stain(*options), context); });
}

void add_bench_tissue(CLI::App& bench, Context& context) {
  auto* tissue = bench.add_subcommand(
      "tissue", "Tissue and quality rules on pictures of tiles: what is dropped and why, and time");
  auto options = std::make_shared<BenchTissueOptions>();
  tissue->add_option("IN", options->inputs, "PNG or JPEG files, or folders of them")->required();
  add_tissue_rule_options(*tissue, options->rules);
  add_common_options(*tissue, context);
  tissue->footer("Example: clippath bench tissue tiles/ --tissue pale --json");
  on_run(*tissue, context, [options, &context]() -> int {
    return print_report(run_bench_tissue(*options), context);
  });
}

}  // namespace

void add_bench_command(CLI::App& program, Context& context) {
  auto* bench = program.add_subcommand(
      "bench", "Measure this machine; every benchmark checks its answers first");
  bench->require_subcommand(1);
  add_bench_encode(*bench, context);
  add_bench_index(*bench, context);
  add_bench_serve(*bench, context);
  add_bench_stain(*bench, context);
  add_bench_tissue(*bench, context);
}

}  // namespace clippath::cli
