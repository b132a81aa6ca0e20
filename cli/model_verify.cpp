// SPDX-License-Identifier: Apache-2.0
#include "cli/model_verify.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/agreement_json.h"
#include "core/json/json.h"
#include "encoder/runtime/verify_model.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path folder;
  VerifyOptions verify;
};

Json check_json(const ModelCheck& check) {
  Json json{{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}};
  if (check.agreement) json.update(agreement_json(*check.agreement));
  return json;
}

Json verification_json(const ModelVerification& found) {
  Json checks = Json::array();
  for (const ModelCheck& check : found.checks) checks.push_back(check_json(check));
  return Json{{"name", found.info.card.name},
              {"identity", found.info.id.value},
              {"dtype", to_string(found.info.dtype)},
              {"dtype_reason", found.info.dtype_reason},
              {"golden", found.golden.empty() ? Json(nullptr) : Json(found.golden)},
              {"tolerance", found.tolerance},
              {"passed", found.passed()},
              {"checks", std::move(checks)}};
}

void print_verification(const ModelVerification& found) {
  std::printf("%s  %s\n%s\n", found.info.card.name.c_str(), found.info.id.value.c_str(),
              found.info.dtype_reason.c_str());
  if (found.golden.empty()) {
    std::printf(
        "no golden outputs (golden in clippath.json): only what must hold of every model is "
        "checked\n");
  }
  for (const ModelCheck& check : found.checks) {
    std::printf("%-6s  %-28s  %s\n", check.passed ? "ok" : "FAILED", check.name.c_str(),
                check.detail.c_str());
  }
  std::printf("%s\n", found.passed() ? "verified" : "NOT verified");
}

int run_verify(const Options& options, const Context& context) {
  const auto found = verify_model(options.folder, options.verify);
  if (!found) {
    // A model that does not load is one that does not pass, whatever the reason.
    report_error(found.error());
    return kFailed;
  }
  if (context.json) {
    std::printf("%s\n", to_text(verification_json(*found), 2).c_str());
  } else if (!context.quiet) {
    print_verification(*found);
  }
  return found->passed() ? kDone : kFailed;
}

}  // namespace

void add_model_verify_command(CLI::App& model, Context& context) {
  CLI::App& command = *model.add_subcommand("verify", "Checks what a model computes");
  add_common_options(command, context);
  const auto options = std::make_shared<Options>();
  command.add_option("folder", options->folder, "Model folder")->required();
  add_dtype_option(command, options->verify.dtype);
  command
      .add_option("--tolerance", options->verify.tolerance,
                  "How far the cosine to a golden output may lie below 1 (default: 0.0001 in fp32, "
                  "0.001 in bf16)")
      ->check(above_zero());
  command.footer(
      "Exit code 0: every check passed; 1: one failed, or the model does not load.\n"
      "Example: clippath model verify demo/model/atlas-clippath-small --dtype fp32");
  on_run(command, context, [options, &context] { return run_verify(*options, context); });
}

}  // namespace clippath::cli
