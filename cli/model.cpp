// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/model_convert.h"
#include "cli/model_verify.h"
#include "clippath/tokenizer.h"
#include "core/json/json.h"
#include "encoder/runtime/model_info.h"

namespace clippath::cli {
namespace {

struct Options {
  std::filesystem::path folder;
  bool no_truncate = false;
};

const char* word_of(VisionFamily family) {
  switch (family) {
    case VisionFamily::kClip: return "clip_vision_model";
    case VisionFamily::kOpenClip: return "open_clip";
    case VisionFamily::kVit: return "vit";
    case VisionFamily::kTimm: return "timm";
    case VisionFamily::kDinov2: return "dinov2";
  }
  return "";
}

const char* word_of(TextFamily family) {
  switch (family) {
    case TextFamily::kBert: return "bert";
    case TextFamily::kClip: return "clip_text_model";
    case TextFamily::kOpenClip: return "open_clip";
  }
  return "";
}

const char* word_of(TextPooling pooling) {
  switch (pooling) {
    case TextPooling::kPooler: return "pooler";
    case TextPooling::kCls: return "cls";
    case TextPooling::kMean: return "mean";
    case TextPooling::kEnd: return "end";
    case TextPooling::kAppended: return "appended";
  }
  return "";
}

const char* word_of(Activation activation) {
  switch (activation) {
    case Activation::kGelu: return "gelu";
    case Activation::kQuickGelu: return "quick_gelu";
    case Activation::kSwiGlu: return "swiglu";
  }
  return "";
}

Json tower_json(const char* type, const TowerConfig& tower, std::int64_t parameters) {
  return Json{{"type", type},
              {"layers", tower.layers},
              {"width", tower.width},
              {"heads", tower.heads},
              {"activation", word_of(tower.activation)},
              {"parameters", parameters}};
}

Json vision_json(const VisionConfig& vision, std::int64_t parameters) {
  Json json = tower_json(word_of(vision.family), vision.tower, parameters);
  json["image_size"] = vision.image_size;
  json["patch_size"] = vision.patch_size;
  return json;
}

Json text_json(const TextConfig& config, const ModelInfo& info) {
  Json json = tower_json(word_of(config.family), config.tower, info.text_parameters);
  json["vocabulary_size"] = config.vocabulary_size;
  json["max_text_tokens"] = info.max_text_tokens;
  json["pooling"] = word_of(config.pooling);
  return json;
}

Json info_json(const ModelInfo& info) {
  Json json{{"name", info.card.name},
            {"identity", info.id.value},
            {"layout", info.config.layout},
            {"demo", info.card.demo},
            {"dimension", info.config.dimension}};
  if (info.config.vision) json["vision"] = vision_json(*info.config.vision, info.image_parameters);
  if (info.config.text) json["text"] = text_json(*info.config.text, info);
  json["weights_type"] = info.weights_type;
  json["weights_bytes"] = info.weights_bytes;
  json["extent_um"] = info.card.extent_um;
  json["default_extent_um"] = info.card.default_extent_um;
  json["stain"] = info.card.stain;
  json["licence"] = info.card.licence;
  json["training_data"] = info.card.training_data;
  json["training_slides"] = info.card.training_slides;
  return json;
}

void print_row(const char* name, const std::string& value) {
  if (!value.empty()) std::printf("%-16s%s\n", name, value.c_str());
}

std::string millions(std::int64_t count) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f M parameters", static_cast<double>(count) / 1e6);
  return text;
}

std::string tower_text(const char* type, const TowerConfig& tower, std::int64_t parameters) {
  return std::string(type) + ", " + std::to_string(tower.layers) + " layers, width " +
         std::to_string(tower.width) + ", " + std::to_string(tower.heads) + " heads, " +
         millions(parameters);
}

std::string micrometres(double um) {
  char text[32];
  std::snprintf(text, sizeof text, "%g um", um);
  return text;
}

std::string field_of_view(const ModelCard& card) {
  std::string text;
  for (double um : card.extent_um) text += (text.empty() ? "" : ", ") + micrometres(um);
  if (card.default_extent_um > 0) text += " (default " + micrometres(card.default_extent_um) + ")";
  return text.empty() ? "not stated: give --um" : text;
}

void print_towers(const ModelInfo& info) {
  if (const auto& vision = info.config.vision) {
    print_row("image tower",
              tower_text(word_of(vision->family), vision->tower, info.image_parameters));
    print_row("image input", std::to_string(vision->image_size) + " px, patches of " +
                                 std::to_string(vision->patch_size) + " px");
  }
  if (const auto& text = info.config.text) {
    print_row("text tower", tower_text(word_of(text->family), text->tower, info.text_parameters));
    print_row("text input", "at most " + std::to_string(info.max_text_tokens) +
                                " tokens, pooling " + word_of(text->pooling));
  }
}

void print_info(const ModelInfo& info) {
  print_row("name", info.card.name + (info.card.demo ? " (demonstration model)" : ""));
  print_row("identity", info.id.value);
  print_row("layout", info.config.layout);
  print_towers(info);
  print_row("dimension", std::to_string(info.config.dimension));
  print_row("weights", info.weights_type + ", " + std::to_string(info.weights_bytes) + " bytes");
  print_row("field of view", field_of_view(info.card));
  print_row("stain", info.card.stain);
  print_row("licence", info.card.licence);
  print_row("training data", info.card.training_data);
  print_row("training slides", std::to_string(info.card.training_slides.size()));
}

Result<int> run_info(const Options& options, const Context& context) {
  CLIPPATH_TRY(const ModelInfo info, describe_model(options.folder));
  if (context.json) {
    std::printf("%s\n", to_text(info_json(info), 2).c_str());
  } else {
    print_info(info);
  }
  return kDone;
}

Result<std::size_t> token_limit(const Options& options) {
  if (options.no_truncate) return 0;
  CLIPPATH_TRY(const ModelCard card, load_model_card(options.folder));
  CLIPPATH_TRY(const ModelConfig config, load_model_config(options.folder, card));
  if (config.text) return text_token_limit(card, *config.text);
  return fail(ErrorKind::kInvalidArgument, options.folder.string() + ": reads no texts");
}

Result<int> run_tokenize(const Options& options) {
  CLIPPATH_TRY(const auto tokenizer, load_tokenizer(options.folder, SpecialTokens::kMatch));
  CLIPPATH_TRY(const std::size_t limit, token_limit(options));
  for (std::string line; std::getline(std::cin, line);) {
    if (line.ends_with('\r')) line.pop_back();
    const Json ids{{"ids", tokenizer->encode(line, limit)}};
    std::printf("%s\n", to_text(ids).c_str());
  }
  return kDone;
}

CLI::App& add_folder_command(CLI::App& model, Context& context, Options& options, const char* name,
                             const char* what) {
  CLI::App& command = *model.add_subcommand(name, what);
  add_common_options(command, context);
  command.add_option("folder", options.folder, "Model folder")->required();
  return command;
}

int exit_code(const Result<int>& done) { return done ? *done : report_error(done.error()); }

}  // namespace

void add_model_command(CLI::App& program, Context& context) {
  CLI::App& model =
      *program.add_subcommand("model", "Looks at model folders, checks and converts them");
  model.require_subcommand(1);
  const auto options = std::make_shared<Options>();

  CLI::App& info = add_folder_command(model, context, *options, "info", "What a model folder is");
  info.footer("Example: clippath model info demo/model/atlas-clippath-small");
  on_run(info, context, [options, &context] { return exit_code(run_info(*options, context)); });

  CLI::App& tokenize = add_folder_command(model, context, *options, "tokenize",
                                          "Lines on stdin to token numbers, a line of JSON each");
  tokenize.add_flag("--no-truncate", options->no_truncate, "Longer texts are not cut");
  tokenize.footer(
      "Special tokens that are spelled out in a line are matched; in a query they are words.\n"
      "Example: echo 'lung' | clippath model tokenize DIR");
  on_run(tokenize, context, [options] { return exit_code(run_tokenize(*options)); });

  add_model_verify_command(model, context);
  add_model_convert_command(model, context);
}

}  // namespace clippath::cli
