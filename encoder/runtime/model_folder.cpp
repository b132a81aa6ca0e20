// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/model_folder.h"

#include <string>

namespace clippath {
namespace {

// Embeddings are filled up to multiples of 64 or 128 and keep rows for tokens to come; two models'
// vocabularies differ by more.
constexpr std::int64_t kMaxSpareTokens = 1024;

tl::unexpected<Error> disagree(const ModelFolder& folder, const std::string& what) {
  return fail(ErrorKind::kInvalidArgument, folder.path.string() + ": " + what);
}

/// DINO and DINOv2 resample their positions as a matter of course; the other towers have one size.
bool takes(const VisionConfig& vision, std::int64_t width, std::int64_t height) {
  const bool any_size =
      vision.family == VisionFamily::kDinov2 || vision.position_scale == PositionScale::kDino;
  if (any_size) return width % vision.patch_size == 0 && height % vision.patch_size == 0;
  return width == vision.image_size && height == vision.image_size;
}

Result<void> read_image_side(ModelFolder& folder) {
  CLIPPATH_TRY(folder.preprocessing, load_preprocessing(folder.path));
  const int width = folder.preprocessing->input_width();
  const int height = folder.preprocessing->input_height();
  if (takes(*folder.config.vision, width, height)) return {};
  return disagree(folder, "the preprocessing makes pictures of " + std::to_string(width) + " x " +
                              std::to_string(height) + " px, the image tower takes " +
                              std::to_string(folder.config.vision->image_size));
}

Result<void> read_text_side(ModelFolder& folder) {
  CLIPPATH_TRY(folder.tokenizer, load_tokenizer(folder.path));
  const auto pieces = static_cast<std::int64_t>(folder.tokenizer->vocabulary_size());
  if (pieces > folder.config.text->vocabulary_size) {
    return disagree(folder, "the tokenizer has " + std::to_string(pieces) +
                                " pieces, the text tower knows " +
                                std::to_string(folder.config.text->vocabulary_size));
  }
  if (pieces + kMaxSpareTokens < folder.config.text->vocabulary_size) {
    return disagree(folder, "the tokenizer has only " + std::to_string(pieces) +
                                " pieces, the text tower knows " +
                                std::to_string(folder.config.text->vocabulary_size) +
                                ": the vocabulary is cut off or another model's");
  }
  const std::int64_t padding = folder.config.text->padding_token;
  if (folder.config.text->pooling == TextPooling::kAppended &&
      folder.tokenizer->pad_id() != padding) {
    return disagree(
        folder, "the tokenizer pads with the number " + std::to_string(folder.tokenizer->pad_id()) +
                    ", the text tower takes " + std::to_string(padding) + " for padding");
  }
  auto limit = text_token_limit(folder.card, *folder.config.text);
  if (!limit) return disagree(folder, limit.error().message);
  folder.max_text_tokens = *limit;
  return {};
}

/// One tower alone is loaded because it will be used.
Result<void> check_towers(const ModelFolder& folder, Towers towers) {
  const bool no_images = towers == Towers::kImageOnly && !folder.config.vision;
  const bool no_texts = towers == Towers::kTextOnly && !folder.config.text;
  if (!no_images && !no_texts) return {};
  return fail(ErrorKind::kUnsupported, folder.path.string() + ": " + folder.config.layout +
                                           " has no " + (no_images ? "image" : "text") + " tower");
}

}  // namespace

Result<ModelFolder> read_model_folder(const std::filesystem::path& path, Towers towers) {
  ModelFolder folder;
  folder.path = path;
  CLIPPATH_TRY(folder.card, load_model_card(path));
  CLIPPATH_TRY(folder.config, load_model_config(path, folder.card));
  CLIPPATH_TRY_VOID(check_towers(folder, towers));
  if (folder.config.vision) CLIPPATH_TRY_VOID(read_image_side(folder));
  if (folder.config.text) CLIPPATH_TRY_VOID(read_text_side(folder));
  return folder;
}

}  // namespace clippath
