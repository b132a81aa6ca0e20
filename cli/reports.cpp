// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/writing_session.h"
#include "clippath/reports.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

constexpr std::size_t kTextsAtOnce = 16;

struct Options {
  std::vector<std::filesystem::path> files;
  std::filesystem::path data;
  std::vector<std::filesystem::path> models;
  EncoderOptions encoder;
};

/// Reads all files; an id that comes twice is rejected the second time.
Result<ReportTable> read_all(const std::vector<std::filesystem::path>& files) {
  ReportTable all;
  std::set<ReportId> ids;
  for (const std::filesystem::path& file : files) {
    CLIPPATH_TRY(ReportTable table, read_reports(file));
    for (ReportRecord& report : table.reports) {
      if (ids.insert(report.id).second) {
        all.reports.push_back(std::move(report));
      } else {
        all.rejected.push_back(
            {file.filename().string(), "the id '" + report.id.value + "' is given twice"});
      }
    }
    for (RejectedReport& rejected : table.rejected) all.rejected.push_back(std::move(rejected));
  }
  return all;
}

/// Those that have a text tower. Fails: kFailedPrecondition if there is none.
Result<EncoderList> readers_of_text(const LoadedEncoders& loaded) {
  EncoderList readers = borrowed(loaded);
  std::erase_if(readers, [](const Encoder* encoder) { return !encoder->info().has_texts; });
  if (!readers.empty()) return readers;
  return fail(ErrorKind::kFailedPrecondition,
              "no model of the data folder has a text tower: reports cannot be encoded; index with "
              "a model of pictures and texts beside it");
}

Result<void> store_reports(std::vector<ReportRecord> reports, const EncoderList& encoders,
                           DataFolder& folder, const std::atomic<bool>& stop) {
  for (std::size_t begin = 0; begin < reports.size() && !stop; begin += kTextsAtOnce) {
    const std::size_t end = std::min(begin + kTextsAtOnce, reports.size());
    std::vector<std::string> texts;
    for (std::size_t i = begin; i < end; ++i) texts.push_back(reports[i].text);
    std::vector<EncodedReport> rows(texts.size());
    for (std::size_t i = begin; i < end; ++i) rows[i - begin].record = std::move(reports[i]);
    for (const Encoder* encoder : encoders) {
      CLIPPATH_TRY(const EmbeddingMatrix vectors, encoder->encode_texts(texts));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::span<const float> vector = vectors.row(i);
        rows[i].vectors.emplace_back(vector.begin(), vector.end());
      }
    }
    CLIPPATH_TRY_VOID(folder.records().put_reports(rows, ids_of(encoders)));
  }
  return {};
}

void print_result(std::size_t imported, const std::vector<RejectedReport>& rejected,
                  const Context& context) {
  if (context.json) {
    Json list = Json::array();
    for (const RejectedReport& one : rejected) {
      list.push_back({{"where", one.where}, {"reason", one.reason}});
    }
    const Json document = {{"imported", imported}, {"rejected", std::move(list)}};
    std::printf("%s\n", to_text(document, 2).c_str());
  } else if (!context.quiet) {
    std::printf("%zu reports imported, %zu rejected\n", imported, rejected.size());
  }
  for (const RejectedReport& one : rejected) {
    std::fprintf(stderr, "rejected: %s: %s\n", one.where.c_str(), one.reason.c_str());
  }
}

Result<int> run_import(Options options, const Context& context) {
  options.encoder.towers = Towers::kTextIfAny;
  CLIPPATH_TRY(ReportTable table, read_all(options.files));
  const std::size_t count = table.reports.size();
  if (count > 0) {
    CLIPPATH_TRY(const WritingSession session,
                 open_for_writing(options.data, options.models, options.encoder, "reports import"));
    CLIPPATH_TRY(const EncoderList encoders, readers_of_text(session.encoders));
    CLIPPATH_TRY_VOID(
        store_reports(std::move(table.reports), encoders, *session.folder, context.stop));
    if (context.stop) return kInterrupted;
    CLIPPATH_TRY_VOID(publish_generations(*session.folder, ids_of(encoders)));
  }
  print_result(count, table.rejected, context);
  if (count == 0) return kFailed;
  return table.rejected.empty() ? kDone : kPartlyDone;
}

}  // namespace

void add_reports_command(CLI::App& program, Context& context) {
  auto* reports = program.add_subcommand("reports", "Look after the reports of a data folder");
  reports->require_subcommand(1);
  auto* command = reports->add_subcommand("import", "Read reports, encode their text, store it");
  auto options = std::make_shared<Options>();
  command
      ->add_option("FILE", options->files,
                   "CSV or JSONL (id, case, slide, text, caption; others become fields), or .txt")
      ->required();
  command->add_option("--data", options->data, "Data folder; made where it is missing")
      ->required()
      ->envname("CLIPPATH_DATA");
  add_models_option(*command, options->models);
  add_compute_options(*command, options->encoder);
  add_long_text_option(*command, options->encoder.long_texts);
  add_common_options(*command, context);
  command->footer("Example: clippath reports import reports.csv --data archive");
  on_run(*command, context, [options, &context]() -> int {
    const auto exit_code = run_import(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
