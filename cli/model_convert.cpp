// SPDX-License-Identifier: Apache-2.0
#include "cli/model_convert.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "cli/agreement_json.h"
#include "core/json/json.h"
#include "encoder/runtime/convert_model.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path source;
  std::filesystem::path target;
  ConvertOptions convert;
};

Json model_json(const std::filesystem::path& folder, const ModelInfo& info) {
  return Json{{"folder", folder.string()},
              {"identity", info.id.value},
              {"weights_type", info.weights_type},
              {"weights_bytes", info.weights_bytes},
              {"golden", info.card.golden.empty() ? Json(nullptr) : Json(info.card.golden)}};
}

Json conversion_json(const Options& options, const ModelConversion& done) {
  Json json{{"source", model_json(options.source, done.source)},
            {"result", model_json(options.target, done.result)},
            {"tolerance", done.tolerance}};
  if (done.agreement.images) json["pictures"] = agreement_json(*done.agreement.images);
  if (done.agreement.texts) json["texts"] = agreement_json(*done.agreement.texts);
  return json;
}

void print_model(const char* which, const std::filesystem::path& folder, const ModelInfo& info) {
  std::printf("%-10s%s  %s, %ju bytes, identity %s\n", which, folder.c_str(),
              info.weights_type.c_str(), info.weights_bytes, info.id.value.c_str());
}

void print_agreement(const char* inputs, const std::optional<Agreement>& agreement) {
  if (!agreement) return;
  std::printf("%-10sleast cosine %.7f, largest difference %.1e\n", inputs, agreement->least_cosine,
              agreement->largest_difference);
}

void print_conversion(const Options& options, const ModelConversion& done) {
  print_model("source", options.source, done.source);
  print_model("result", options.target, done.result);
  print_agreement("pictures", done.agreement.images);
  print_agreement("texts", done.agreement.texts);
  if (done.result.card.golden.empty()) {
    std::printf("no golden outputs: --golden makes them, bf16 needs them\n");
  }
}

Result<int> run_convert(const Options& options, const Context& context) {
  CLIPPATH_TRY(const ModelConversion done,
               convert_model(options.source, options.target, options.convert));
  if (context.json) {
    std::printf("%s\n", to_text(conversion_json(options, done), 2).c_str());
  } else if (!context.quiet) {
    print_conversion(options, done);
  }
  return kDone;
}

void add_storage_option(CLI::App& command, ConvertOptions& convert) {
  static const std::map<std::string, TensorType> types{
      {"fp16", TensorType::kF16}, {"bf16", TensorType::kBf16}, {"fp32", TensorType::kF32}};
  command
      .add_option_function<std::string>(
          "--dtype", [&convert](const std::string& name) { convert.type = types.at(name); },
          "Type that weights are stored in: fp16, bf16, fp32 (default: as they are)")
      ->check(CLI::IsMember({"fp16", "bf16", "fp32"}));
}

}  // namespace

void add_model_convert_command(CLI::App& model, Context& context) {
  CLI::App& command =
      *model.add_subcommand("convert", "Makes a self-contained folder with one file of weights");
  add_common_options(command, context);
  const auto options = std::make_shared<Options>();
  command.add_option("folder", options->source, "Model folder")->required();
  command.add_option("--out", options->target, "New folder; must not exist")->required();
  add_storage_option(command, options->convert);
  command.add_flag("--golden", options->convert.golden,
                   "New golden outputs, computed in fp32: `model verify` and bf16 need some");
  command.footer(
      "With other bytes it is another encoder: what was indexed with the source stays the "
      "source's.\n"
      "Example: clippath model convert DIR --out DIR-fp16 --dtype fp16 --golden");
  on_run(command, context, [options, &context] {
    const auto done = run_convert(*options, context);
    return done ? *done : report_error(done.error());
  });
}

}  // namespace clippath::cli
