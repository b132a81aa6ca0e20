// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/machine.h"
#include "clippath/data_folder.h"
#include "clippath/encoder.h"
#include "clippath/records.h"
#include "clippath/slide.h"
#include "clippath/vectors.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path data;
  std::filesystem::path model;
  std::filesystem::path slide;
};

/// One line of the examination.
struct Finding {
  std::string subject;
  std::string text;
  bool healthy = true;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

std::string shortened(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void examine_program(std::vector<Finding>& findings) {
  findings.push_back({"clippath", program_version()});
  findings.push_back({"libraries", "FAISS " + vector_library_version() + ", RocksDB " +
                                       records_library_version() + ", LibTorch " +
                                       encoder_library_version()});
  findings.push_back({"processor", processor_name() + ", " +
                                       std::to_string(std::thread::hardware_concurrency()) +
                                       " cores: " + joined(processor_features())});
  findings.push_back(
      {"BLAS", blas_library(), blas_library().find("openblas") != std::string::npos});
  const auto openmp = openmp_libraries();
  findings.push_back({"OpenMP", joined(openmp), openmp.size() <= 1});
  findings.push_back(
      {"GPU", "only where --device cuda asks for it, with a LibTorch that has CUDA"});
}

void examine_model(const std::filesystem::path& folder, std::vector<Finding>& findings) {
  const auto encoder = load_encoder(folder, {});
  if (!encoder) {
    findings.push_back({"model", encoder.error().message, false});
    return;
  }
  const EncoderInfo& info = (*encoder)->info();
  findings.push_back({"model", info.card.name + ", dimension " + std::to_string(info.dimension) +
                                   ", id " + info.id.value});
  findings.push_back({"arithmetic", info.dtype_reason});
}

void examine_data(const std::filesystem::path& path, std::vector<Finding>& findings) {
  std::error_code ignored;
  const auto space = std::filesystem::space(path, ignored);
  if (!ignored)
    findings.push_back({"free disk", shortened(static_cast<double>(space.available) / 1e9) + " GB",
                        space.available > 1'000'000'000});
  const auto folder = DataFolder::open(path, Access::kRead, "doctor");
  if (!folder) {
    findings.push_back({"data folder", folder.error().message, false});
    return;
  }
  const auto faults = (*folder)->records().verify();
  if (!faults) {
    findings.push_back({"records", faults.error().message, false});
  } else {
    findings.push_back({"records", faults->empty() ? "every checksum is right" : joined(*faults),
                        faults->empty()});
  }
  for (const EncoderEntry& encoder : (*folder)->encoders())
    examine_model((*folder)->model_folder(encoder.id), findings);
}

/// The process that decodes slides and pictures: what it can, and that it can do no harm.
void examine_decoders(std::vector<Finding>& findings) {
  const auto decoders = make_decoders(1);
  const auto report = decoders ? decoders->workers->try_sandbox() : fail(decoders.error());
  if (!report) {
    findings.push_back({"decoders", report.error().message, false});
    return;
  }
  findings.push_back({"decoders", "OpenSlide " + report->slide_library});
  findings.push_back(
      {"sandbox",
       "refuses: " + joined(report->refused) + "; lets through: " + joined(report->allowed),
       report->allowed.empty()});
}

void examine_slide(const std::filesystem::path& path, std::vector<Finding>& findings) {
  const auto decoders = make_decoders(1);
  const auto slide = decoders ? decoders->open_slide(path) : fail(decoders.error());
  if (!slide) {
    findings.push_back({"slide", slide.error().message, false});
    return;
  }
  const SlideInfo& info = (*slide)->info();
  findings.push_back(
      {"slide", info.vendor + ", " + std::to_string(info.levels.size()) + " levels"});
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    const SlideLevel& level = info.levels[i];
    findings.push_back({"level " + std::to_string(i), std::to_string(level.size.width) + " x " +
                                                          std::to_string(level.size.height) +
                                                          ", downsample " +
                                                          shortened(level.downsample)});
  }
  if (info.scale) {
    findings.push_back({"scale", shortened(info.scale->mpp.value) + " um a pixel, from " +
                                     std::string(to_string(info.scale->source))});
  } else {
    findings.push_back({"scale",
                        "the file states none: give mpp in a manifest, or --missing-mpp default=V",
                        false});
  }
  if (info.objective) findings.push_back({"objective", shortened(*info.objective) + "x"});
  for (const std::string& warning : info.warnings) findings.push_back({"warning", warning, false});
  for (const std::string& level : find_damaged_levels(**slide)) {
    findings.push_back({"damage", level, false});
  }
}

int print_findings(const std::vector<Finding>& findings, bool json) {
  bool healthy = true;
  Json list = Json::array();
  for (const Finding& finding : findings) {
    healthy = healthy && finding.healthy;
    list.push_back(
        {{"subject", finding.subject}, {"text", finding.text}, {"healthy", finding.healthy}});
    if (!json)
      std::printf("%-4s %-12s %s\n", finding.healthy ? "ok" : "!!", finding.subject.c_str(),
                  finding.text.c_str());
  }
  if (json) std::printf("%s\n", to_text({{"healthy", healthy}, {"findings", list}}, 2).c_str());
  return healthy ? kDone : kFailed;
}

}  // namespace

void add_doctor_command(CLI::App& program, Context& context) {
  auto* command =
      program.add_subcommand("doctor", "Examine this machine, a data folder, a model or one slide");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->data, "Data folder to examine");
  command->add_option("--model", options->model, "Model folder to examine");
  command->add_option("--slide", options->slide, "Slide file to explain");
  add_common_options(*command, context);
  command->footer("Example: clippath doctor --data archive --slide case7.svs");
  on_run(*command, context, [options, &context]() -> int {
    std::vector<Finding> findings;
    examine_program(findings);
    examine_decoders(findings);
    if (!options->data.empty()) examine_data(options->data, findings);
    if (!options->model.empty()) examine_model(options->model, findings);
    if (!options->slide.empty()) examine_slide(options->slide, findings);
    return print_findings(findings, context.json);
  });
}

}  // namespace clippath::cli
