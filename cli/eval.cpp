// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/eval_material.h"
#include "cli/eval_notes.h"
#include "cli/eval_pictures.h"
#include "cli/eval_scores.h"
#include "clippath/core/files.h"
#include "clippath/evaluation_report.h"
#include "clippath/score_table.h"

namespace clippath::cli {
namespace {

constexpr std::uintmax_t kMaxReportBytes = std::uintmax_t{1} << 30U;

struct Options {
  EvalInput input;
  EvaluationOptions evaluation;
  ClassWords words;
  std::filesystem::path similarities;
  std::filesystem::path relevance;
  EvalPictures pictures;
};

struct CompareOptions {
  std::filesystem::path first;
  std::filesystem::path second;
};

void append(std::vector<Figure>& all, std::vector<Figure> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

Result<std::vector<Figure>> figures_of(const EvaluationSet& set, const EvalScores& scores,
                                       const std::vector<std::string>& classes,
                                       const EvaluationOptions& options) {
  std::vector<Figure> figures;
  if (scores.captions.rows > 0) {
    CLIPPATH_TRY(figures, evaluate_captions(set, scores.captions, options));
  }
  if (scores.classes.rows > 0) {
    CLIPPATH_TRY(auto of_classes, evaluate_classes(set, classes, scores.classes, options));
    append(figures, std::move(of_classes));
  }
  return figures;
}

/// What else to look at where the scores are the model's.
Error with_advice(Error error) {
  if (error.kind == ErrorKind::kTooLarge) {
    error.message += ", or see with `clippath model verify` whether the model tells pictures apart";
  }
  return error;
}

/// Colours of many patches may be equal where the model tells them apart: then they go without the
/// votes that cannot be counted.
Result<std::vector<Figure>> colour_neighbours(const EvaluationSet& set,
                                              const EmbeddingMatrix& colours,
                                              EvaluationOptions options,
                                              std::vector<std::string>& notes) {
  auto figures = evaluate_neighbours(set, colours, options);
  if (figures || figures.error().kind != ErrorKind::kTooLarge) return figures;
  notes.push_back("colours alone: mmv not measured, " + figures.error().message);
  options.votes.clear();
  return evaluate_neighbours(set, colours, options);
}

/// Pictures of captions need captions.
Result<void> require_captions(const EvalPictures& pictures, const EvaluationSet& set) {
  if (!set.captions.empty() || (pictures.curves.empty() && pictures.examples.empty())) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "--curves and --examples show captions, and no patch has one");
}

Result<void> print_report(const EvaluationReport& report, const Context& context) {
  if (context.json) {
    std::printf("%s\n", to_text(to_json(report)).c_str());
  } else if (!context.quiet) {
    std::fputs(to_markdown(report).c_str(), stdout);
  }
  return {};
}

Result<int> evaluate_model(const Options& options, const Context& context) {
  CLIPPATH_TRY(ClassPrompts words, read_class_words(options.words));
  const bool pairs = !options.input.pairs.empty();
  CLIPPATH_TRY(const EvalMaterial material,
               pairs ? material_of_pairs(options.input, context.threads)
                     : material_of_folder(options.input, context.threads));
  const EvaluationSet& set = material.set;
  CLIPPATH_TRY_VOID(require_captions(options.pictures, set));
  CLIPPATH_TRY(const ClassPrompts prompts, with_classes_of(set, std::move(words)));
  const auto classes = class_names(prompts);
  CLIPPATH_TRY(const EvalScores of_model, model_scores(material, prompts, context.threads));
  CLIPPATH_TRY(auto model, figures_of(set, of_model, classes, options.evaluation));
  auto neighbours = evaluate_neighbours(set, material.images, options.evaluation);
  if (!neighbours) return fail(with_advice(neighbours.error()));
  append(model, std::move(*neighbours));
  if (model.empty()) {
    return fail(ErrorKind::kFailedPrecondition,
                material.data +
                    ": nothing can be measured, no patch has a caption or a class, nor "
                    "shares its slide with another (columns caption, " +
                    options.input.class_column + ")");
  }
  EvalScores of_colours;
  std::vector<Figure> colours;
  std::vector<std::string> notes;
  if (material.colours.rows > 0) {
    of_colours = colour_scores(material, classes, context.threads);
    CLIPPATH_TRY(colours, figures_of(set, of_colours, classes, options.evaluation));
    CLIPPATH_TRY(auto alike, colour_neighbours(set, material.colours, options.evaluation, notes));
    append(colours, std::move(alike));
  }
  EvaluationReport report;
  report.model = material.encoder->info().card.name;
  report.model_id = material.encoder->info().id.value;
  report.pairs_id = pairs_id_of(set);
  report.data = material.data + (options.input.split.empty() ? "" : ", " + options.input.split);
  if (!options.input.candidates_split.empty()) {
    report.data += ", found among " + options.input.candidates_split;
  }
  report.options = options.evaluation;
  report.figures = beside(std::move(model), std::move(colours));
  report.notes = eval_notes(material, classes, of_colours);
  std::ranges::move(notes, std::back_inserter(report.notes));
  if (set.captions.empty()) {
    for (const std::string& note : report.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  }
  CLIPPATH_TRY_VOID(
      write_eval_pictures(options.pictures, material, of_model.captions, of_colours.captions));
  CLIPPATH_TRY_VOID(print_report(report, context));
  return kDone;
}

Result<int> evaluate_scores(const Options& options, const Context& context) {
  CLIPPATH_TRY(const ScoreTable table, read_score_table(options.similarities));
  CLIPPATH_TRY(const Relevance relevance, read_relevance(options.relevance, table));
  EvaluationReport report;
  CLIPPATH_TRY(auto figures, evaluate_score_table(table, relevance, options.evaluation));
  report.figures = beside(std::move(figures), {});
  report.model = options.similarities.filename().string();
  report.model_id = "scores";
  report.pairs_id = pairs_id_of(table, relevance);
  report.data = options.relevance.filename().string();
  report.options = options.evaluation;
  CLIPPATH_TRY_VOID(print_report(report, context));
  return kDone;
}

Result<void> check_usage(const Options& options) {
  const int inputs = (options.input.pairs.empty() ? 0 : 1) + (options.input.data.empty() ? 0 : 1) +
                     (options.similarities.empty() ? 0 : 1);
  if (inputs != 1) {
    return fail(ErrorKind::kInvalidArgument,
                "give one of --pairs FILE --model DIR, --data DIR, --similarities FILE "
                "--relevance FILE");
  }
  if (!options.input.pairs.empty() && options.input.model.empty()) {
    return fail(ErrorKind::kInvalidArgument, "--pairs needs --model DIR");
  }
  if (!options.similarities.empty() && options.relevance.empty()) {
    return fail(ErrorKind::kInvalidArgument, "--similarities needs --relevance FILE");
  }
  return {};
}

Result<int> run_eval(const Options& options, const Context& context) {
  CLIPPATH_TRY_VOID(check_usage(options));
  return options.similarities.empty() ? evaluate_model(options, context)
                                      : evaluate_scores(options, context);
}

Result<EvaluationReport> read_report(const std::filesystem::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxReportBytes));
  auto json = parse_json(text, {.max_bytes = kMaxReportBytes, .max_elements = 1'000'000});
  if (!json) return fail(json.error().within(path.string()));
  auto report = report_from_json(*json);
  if (!report) return fail(report.error().within(path.string()));
  return report;
}

Result<int> run_compare(const CompareOptions& options, const Context& context) {
  CLIPPATH_TRY(const EvaluationReport first, read_report(options.first));
  CLIPPATH_TRY(const EvaluationReport second, read_report(options.second));
  CLIPPATH_TRY(const auto comparisons, compare_reports(first, second));
  if (context.json) {
    std::printf("%s\n", to_text(to_json(comparisons)).c_str());
  } else {
    std::fputs(to_markdown(comparisons, first.model, second.model).c_str(), stdout);
  }
  return kDone;
}

void add_compare_command(CLI::App& eval, Context& context) {
  CLI::App& command = *eval.add_subcommand(
      "compare", "Two reports of `eval --json` on the same pairs, query by query");
  add_common_options(command, context);
  const auto options = std::make_shared<CompareOptions>();
  command.add_option("first", options->first, "Report of the first model")->required();
  command.add_option("second", options->second, "Report of the second model")->required();
  on_run(command, context, [options, &context] {
    const auto done = run_compare(*options, context);
    return done ? *done : report_error(done.error());
  });
}

void add_input_options(CLI::App& command, Options& options) {
  EvalInput& input = options.input;
  command.add_option("--pairs", input.pairs,
                     "Table with the columns file and caption or class, and where known case, "
                     "slide, site, split");
  command.add_option("--pictures", input.pictures,
                     "Folder that the table's files lie in (default: the table's)");
  command.add_option("--model", input.model, "Model folder, with --pairs");
  command.add_option("--data", input.data, "Data folder: its patches, vectors and model");
  command.add_option("--similarities", options.similarities,
                     "Scores of queries (rows) and candidates (columns), CSV or .npy");
  command.add_option("--relevance", options.relevance,
                     "With --similarities: table with the columns query and candidate, one row a "
                     "right answer; and where known case");
  command.add_option("--split", input.split, "Ask about the patches of this split only");
  command.add_option("--candidates-split", input.candidates_split,
                     "Between patches, find those of this split only (default: all)");
  command
      .add_option("--train-split", input.training_split, "What the colour baseline may learn from")
      ->capture_default_str();
  command.add_option("--split-column", input.split_column, "Column or field with the split")
      ->capture_default_str();
  command.add_option("--class-column", input.class_column, "Column or field with the class")
      ->capture_default_str();
  command
      .add_option("--site-column", input.site_column,
                  "Column or field with the site; where it is empty, that of a TCGA case")
      ->capture_default_str();
  auto* const classify = command.add_option(
      "--classify", options.words.prompts,
      "File of class prompts (JSON), as of search --classify; its names are those of the column");
  command
      .add_option("--template", options.words.templates,
                  "Text of a class, with CLASSNAME in it; several are averaged")
      ->excludes(classify);
}

void add_vote_ties_option(CLI::App& command, VoteTie& rule) {
  const std::map<std::string, VoteTie> rules = {{"first-seen", VoteTie::kFirstSeen},
                                                {"lowest-id", VoteTie::kLowestId},
                                                {"shared-credit", VoteTie::kSharedCredit}};
  command
      .add_option_function<std::string>(
          "--vote-ties", [&rule, rules](const std::string& word) { rule = rules.at(word); },
          "Who wins equal votes of mmv: first-seen (the label met first, as SISH), lowest-id (the "
          "label first in the alphabet, as MUSK), shared-credit")
      ->check(CLI::IsMember(rules))
      ->default_str("first-seen");
}

}  // namespace

void add_eval_command(CLI::App& program, Context& context) {
  CLI::App& command = *program.add_subcommand(
      "eval", "How well a model tells captions, patches and classes apart, beside colours alone");
  add_common_options(command, context);
  const auto options = std::make_shared<Options>();
  add_input_options(command, *options);
  command.add_option("--seed", options->evaluation.seed, "Seed of drawn candidates and intervals")
      ->capture_default_str();
  command.add_option("--draws", options->evaluation.candidate_draws, "Pools of candidates a patch")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--candidates", options->evaluation.candidates, "Captions in a pool")
      ->check(CLI::Range(2, 100'000))
      ->capture_default_str();
  command
      .add_option("--votes", options->evaluation.votes,
                  "How many neighbours vote in mmv; several: 1,3,5,10")
      ->delimiter(',')
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_vote_ties_option(command, options->evaluation.vote_ties);
  command.add_flag("!--no-colours", options->input.colours, "Without the colour baseline");
  command.add_option("--curves", options->pictures.curves,
                     "Writes recall curves to a .png or .jpg file");
  command.add_option("--examples", options->pictures.examples,
                     "Writes patches with their first five captions to a .png or .jpg file");
  add_encoder_option(command, options->input.encoder_name);
  add_compute_options(command, options->input.encoder);
  add_long_text_option(command, options->input.encoder.long_texts);
  command.footer("Example: clippath eval --pairs pairs.csv --split val --model DIR");
  add_compare_command(command, context);
  command.callback([&command, options, &context] {
    if (!command.get_subcommands().empty()) return;
    options->evaluation.bootstrap.seed = options->evaluation.seed;
    const auto done = run_eval(*options, context);
    context.exit_code = done ? *done : report_error(done.error());
  });
}

}  // namespace clippath::cli
